/**
 * The gateway of this repository: the Worker that workers/gateway/wrangler.toml deploys. The entry
 * file of any other deployment imports from `hewn/gateway`, and is otherwise the same.
 */
import catalogue from '../policy/tools.toml';
import { createGateway } from '../workers/gateway/index.ts';

export default createGateway({ catalogue });
