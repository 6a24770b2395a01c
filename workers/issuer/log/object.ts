import { DurableObject } from 'cloudflare:workers';

/** A transparency log. One object for each log, named after it. */
export class TransparencyLog extends DurableObject {}
