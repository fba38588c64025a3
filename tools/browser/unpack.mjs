// Unpacks the browser, its software renderer, its fonts and the libraries that it links into the folder given.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.env.TMPDIR = process.argv[2]; // where the package's own `inflate` puts what it unpacks
const { inflate } = await import('@sparticuz/chromium');
const packed = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..', 'bin');
for (const name of ['chromium.br', 'swiftshader.tar.br', 'fonts.tar.br', 'al2023.tar.br']) {
  await inflate(join(packed, name));
}
