/** What a person is asked before something is minted: the question, its digest, and its words. */
export { type Addition, additions } from './additions.ts';
export { type ApprovalQuestion, questionDigest, questionText } from './question.ts';
export { questionWords, shown } from './words.ts';
