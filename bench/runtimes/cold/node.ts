import { decideOnce } from './decide.ts';

await decideOnce();
console.log(JSON.stringify(process.cpuUsage()));
