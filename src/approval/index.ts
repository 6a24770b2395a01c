/** What a person is asked to approve: the question, its digest, and its lines on a screen. */
export { findAdditions } from './additions.ts';
export { describeAdditions, describeQuestion, printableJson } from './describe-question.ts';
export { type ApprovalQuestion, questionDigest, questionText } from './question.ts';
export { type QuestionLine, questionLines } from './question-lines.ts';
