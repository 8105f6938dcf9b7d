// Runs one app in a process that does not outlive the stack: when the stack goes, however it goes, the app is told to end.
import { pathToFileURL } from 'node:url';

const [, , main] = process.argv;
if (main === undefined) throw new Error('usage: app-process <main.js>');
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
await import(pathToFileURL(main).href);
// The channel to the stack must not keep a finished app alive.
process.channel?.unref();
