/** What a person is asked before something is minted: the question, its digest, and its words. */
export { type ApprovalQuestion, questionDigest, questionText } from './question.ts';
export { questionWords, shown } from './words.ts';
