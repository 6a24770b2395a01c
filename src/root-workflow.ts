/**
 * Returns the id of the workflow at the root, which stands for everything below it: the id of a
 * child begins with its root's and a dot.
 */
export const rootWorkflowOf = (workflow: string): string => workflow.split('.', 1)[0] ?? workflow;
