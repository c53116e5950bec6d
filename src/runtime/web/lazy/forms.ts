// Blob, File and FormData, and `formData()` of bodies.
import type { Bytes } from '../body.ts';
import { RegExpPrototypeExec, TypeError } from '../primordials.ts';
import { type Blob, makeBlob } from './forms/blob.ts';
import { type Entries, entriesOf, type FormData, makeFormData } from './forms/form_data.ts';
import { encode, parse } from './forms/multipart.ts';
import { parseMimeType, serializeMimeType } from './mime/mime_type.ts';

export { Blob, blobContent, cloneBlob, File } from './forms/blob.ts';
export { FormData } from './forms/form_data.ts';

export function encodeMultipart(form: FormData): { bytes: Bytes; type: string } {
  return encode(entriesOf(form) as Entries);
}

// Fetch Standard §5.3, blob(): what comes as `contentType`, with the type in one form.
export function makeBlobOf(bytes: Bytes, contentType: string | null): Blob {
  const type = contentType === null ? null : parseMimeType(contentType);
  return makeBlob(bytes, type === null ? '' : serializeMimeType(type));
}

const multipart = /^multipart\/form-data\s*(?:;|$)/i;
const urlencoded = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

// Fetch Standard §5.3, "formData()".
export function parseForm(bytes: Bytes, contentType: string | null): FormData {
  const type = contentType ?? '';
  if (RegExpPrototypeExec(multipart, type) !== null) return makeFormData(parse(bytes, type));
  if (RegExpPrototypeExec(urlencoded, type) !== null)
    return makeFormData(lazy('search_params').parseForm(native.utf8Decode(bytes, false, true)));
  throw new TypeError(
    `formData: Content-Type is "${type}", not multipart/form-data or application/x-www-form-urlencoded`,
  );
}
