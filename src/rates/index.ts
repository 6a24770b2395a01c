/**
 * Rate limits: how many requests per minute one source, agent or workflow may make, in bounded
 * memory.
 */
export { BoundedCounter, type TooMany } from './counter.ts';
export { Limiter, type RateBinding } from './limiter.ts';
export { readHeaderName, readRates } from './settings.ts';
export { SHARED_SOURCE, sourceOf } from './source.ts';
