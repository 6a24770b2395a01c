/** What a retrieval may touch, before anything is read: as data and as filters. */
export type { ColumnForm, ScopeColumn, ScopeColumns } from './columns.ts';
export { decideScope, type ScopeDecision } from './decide-scope.ts';
export type { ArgumentBound, RetrievalScope } from './retrieval-scope.ts';
export type { ScopeError } from './scope-error.ts';
export type { SqlFilter } from './sql.ts';
export type { ScopeProperties, VectorizeCondition, VectorizeFilter } from './vectorize.ts';
