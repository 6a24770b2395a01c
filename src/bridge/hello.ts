/** What the first line of each side says: the client adds the server that it wants. */
export const HELLO = 'hewn-bridge/1';
