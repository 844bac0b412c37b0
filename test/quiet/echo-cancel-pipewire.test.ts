import { testEchoCancel } from './echo-cancel.js'

await testEchoCancel('PipeWire')
