/** Lists what a live MCP server offers, for the author of a catalogue. */
export { readServer, type ServerSource } from './connect.ts';
export {
  type ListedTool,
  readListingFile,
  type ServerListing,
  writeListingFile,
} from './listing.ts';
