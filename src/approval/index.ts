/** What a person is asked to approve: the question, its digest, and its lines on a screen. */
export { findAdditions } from './additions.ts';
export type { AskedCall, CallQuestion } from './call-question.ts';
export { describeAdditions, describeQuestion } from './describe-question.ts';
export { printableJson } from './printable-json.ts';
export { type ApprovalQuestion, questionDigest, questionText } from './question.ts';
export { type KnownArgument, type QuestionLine, questionLines } from './question-lines.ts';
