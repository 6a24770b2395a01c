import { isJsonObject, type Json, type JsonObject } from './canonical-json.ts';

/**
 * Returns a list of tools whose schemas let a model try what is not granted yet. A gateway narrows
 * them to the token, and some clients and frameworks refuse a call that does not match, so that its
 * denial, and the step-up that would follow, never happens. What is granted stays in the
 * description of the argument; the gateway decides as before.
 */
export function widerList(answer: JsonObject): JsonObject {
  const { result } = answer;
  if (!isJsonObject(result) || !Array.isArray(result.tools)) return answer;
  return { ...answer, result: { ...result, tools: result.tools.map(widerTool) } };
}

function widerTool(tool: Json): Json {
  if (!isJsonObject(tool) || !isJsonObject(tool.inputSchema)) return tool;
  const { properties } = tool.inputSchema;
  if (!isJsonObject(properties)) return tool;
  const wider = Object.entries(properties).map(([name, schema]) => [name, widerProperty(schema)]);
  const inputSchema = { ...tool.inputSchema, properties: Object.fromEntries(wider) };
  return { ...tool, inputSchema };
}

function widerProperty(schema: Json): Json {
  if (!isJsonObject(schema) || typeof schema.pattern !== 'string') return schema;
  const { pattern, description, ...rest } = schema;
  const granted = `Granted so far: what matches ${pattern}. More needs the approval of a person or policy.`;
  const text = typeof description === 'string' ? `${description} ${granted}` : granted;
  return { ...rest, description: text };
}
