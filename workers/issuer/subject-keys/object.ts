import { DurableObject } from 'cloudflare:workers';

/** The keys of subjects. One object for each first digit of SHA-256 of a subject. */
export class SubjectKeys extends DurableObject {}
