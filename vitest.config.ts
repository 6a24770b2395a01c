import { defineConfig } from 'vitest/config';

// Three rings: pure logic in Node; one Worker from the inside, in workerd; all Workers from the outside.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'proof',
          include: ['test/{conformance,fuzz,hostile,properties}/**/*.test.ts'],
        },
      },
    ],
  },
});
