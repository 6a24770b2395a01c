/** The identity provider of `hewn dev`: vouches for the users and agents that hewn.toml names. */
export { generateIdentityKey, type IdentityKey } from './key.ts';
export { devProviders, partiesOf } from './parties.ts';
export { devDirectory, peopleOf } from './people.ts';
export { type IdentityProvider, startIdentityProvider } from './server.ts';
