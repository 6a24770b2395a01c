// Imported as text: the rules in each wrangler.toml make them part of the bundle.
declare module '*.toml' {
  const text: string;
  export default text;
}

declare module '*.datalog' {
  const text: string;
  export default text;
}
