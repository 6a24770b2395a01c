/** HTTP on 127.0.0.1, for programs on this machine and for no web page. */
export {
  LOOPBACK,
  type LoopbackPort,
  listenOnLoopback,
  PortInUse,
  reservePort,
} from './listen.ts';
export { isFromProgram, readBody } from './request.ts';
