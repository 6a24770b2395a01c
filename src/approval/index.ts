/** What a person is asked to approve: the question, its digest, and its lines on a screen. */
export { findAdditions } from './additions.ts';
export { describeQuestion, printableJson } from './describe-question.ts';
export { type ApprovalQuestion, questionDigest, questionText } from './question.ts';
export { questionLines } from './question-lines.ts';
