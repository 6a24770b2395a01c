/** The reference implementation as an independent check: it mints and it judges. Node only. */
export { type Arena, openArena, type Reference } from './arena.ts';
export { closeCharacters, notInReference, referenceMatches, textOf } from './characters.ts';
export { judge } from './judge.ts';
export { type BlockPlan, mint, type TokenPlan, withFixedRandomness } from './mint.ts';
