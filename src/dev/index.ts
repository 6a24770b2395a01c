/**
 * A deployment on this machine, for development: the Workers on embedded workerd, an identity
 * provider, and the MCP servers that `hewn.toml` names. Watches the files and applies changes.
 */
export { type Running, readRunning, runningIssuer } from '../dev-run.ts';
export {
  LOOPBACK,
  listenOnLoopback,
  PortInUse,
  reservePort,
} from '../loopback/index.ts';
export { lineOfRecord } from './decisions.ts';
export {
  type MiniflareRun,
  startMiniflare,
  type WorkerLine,
  type WorkerOptions,
} from './miniflare.ts';
export { type LocalPorts, readPorts } from './ports.ts';
export { type Dev, type Loaded, startDev } from './run.ts';
export { type SeenCall, startStdioServers } from './stdio-servers/index.ts';
