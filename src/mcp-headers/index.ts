/**
 * The headers that repeat parts of an MCP message since revision 2026-07-28, so that a router need
 * not read the body. The gateway checks and writes them, and the bridge writes them.
 */
export {
  decodeHeader,
  encodeHeader,
  mismatchedHeader,
  nameOf,
  repeatsBody,
} from './headers.ts';
export {
  mismatchedParameter,
  type ParameterHeaders,
  parameterHeaders,
} from './parameter-headers.ts';
