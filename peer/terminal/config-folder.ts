import envPaths from 'env-paths'

/** Where this person's files of VoiceChat live: `~/.config/voicechat` on Linux, or under XDG_CONFIG_HOME. */
export const CONFIG_FOLDER = envPaths('voicechat', { suffix: '' }).config
