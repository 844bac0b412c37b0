/** The attacker as a program of its own: node hostile-program.js PORT. Says how often it got which answer. */
import { hostileMessages, hostileSockets } from './hostile.js'

const port = Number(process.argv[2])
const sockets = hostileSockets(port)
const answers = await hostileMessages(`ws://127.0.0.1:${port}`)
console.log(JSON.stringify({ event: 'answers', answers: Object.fromEntries(answers) }))
// The connections that only began stay for a while: some longer than a login may take.
setTimeout(() => sockets.close(), 6000)
