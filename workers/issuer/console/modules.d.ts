/** The console as `npm run build` bundled it (`package.json` says where). */
declare module '#console' {
  /** The content of each file, by its name. */
  export const FILES: Readonly<Record<string, string>>;
}
