import { testDeviceLoss } from './device-loss.js'

testDeviceLoss('PulseAudio')
