import { DurableObject } from 'cloudflare:workers';

/** The archive of a log where there is no R2. One object for each log, named after it. */
export class TileStore extends DurableObject {}
