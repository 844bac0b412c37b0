import t from 'tap'
import { nobleAead } from '../../protocol/aead.js'
import { holdsAead } from './aead-cases.js'

holdsAead(t, nobleAead)
