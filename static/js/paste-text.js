// A copied block as text: rows and cells as Excel and WPS write them, names compared, which column is what. No page, no saving.

// Cells with line breaks, tabs or quotes come in quotes, quotes inside them doubled.
export function readBlock(text) {
  const rows = [[]];
  let at = 0;
  while (at < text.length) {
    const [value, end] = readCell(text, at);
    rows[rows.length - 1].push(value.trim());
    if (text[end] === "\n") rows.push([]);
    if (text[end] === "\t" && end + 1 === text.length) rows[rows.length - 1].push("");
    at = end + 1;
  }
  while (rows.length && rows[rows.length - 1].every(value => !value)) rows.pop();
  return rows;
}

function readCell(text, start) {
  if (text[start] === '"') {
    const quoted = /^"((?:[^"]|"")*)"(?=[\t\n]|$)/.exec(text.slice(start));
    if (quoted) return [quoted[1].replace(/""/g, '"').replace(/\s*\n\s*/g, " "), start + quoted[0].length];
  }
  const rest = /[\t\n]/.exec(text.slice(start));
  const end = rest ? start + rest.index : text.length;
  return [text.slice(start, end), end];
}

export const clean = text => text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");

// For display and for telling columns apart only; what counts as a number is decided by the server.
export const plain = text => text.normalize("NFKC").replace(/[\s,'’]/g, "");
export const isNumber = text => /^[-−]?\d+(\.\d+)?%?$/.test(plain(text));

const NUMBERING = /^(?:[(]?[一二三四五六七八九十]+[)、.]|[(]?\d+(?:\.\d+)*[)、.]?(?=\D))/;
const ENDINGS = /(?:村民委员会|居民委员会|村委会|居委会|社区村|行政村|社区|村)$/;

// The same name written differently: width, spaces, 其中, numbering, a unit in brackets, marks.
export function key(name) {
  const text = strict(name).replace(/^其中/, "");
  if (/^[\d.]+$/.test(text)) return text;
  const bare = text.replace(NUMBERING, "").replace(/[(（][^()（）]*[)）]$/, "");
  return bare || text;
}
const strict = name => name.normalize("NFKC").replace(/[\s*:]/g, "").toLowerCase();

// 柳塘, 柳塘村 and 柳塘村委会 are one village, as long as only one village is meant by that.
export const villageKey = name => key(name).replace(ENDINGS, "") || key(name);

// rows: [{id, names}], former: [{name, id, note}] (names that stand for a row, with the reason).
// Returns a function name -> {id, note} or null; a name that fits two rows fits none.
export function matcher(rows, former, isVillage) {
  const full = new Map(), exact = new Map(), loose = new Map(), old = new Map();
  const add = (map, name, found) => map.set(name, map.has(name) && map.get(name).id !== found.id ? { id: "" } : found);
  for (const row of rows) for (const name of row.names) {
    add(full, strict(name), { id: row.id, note: "" });
    add(exact, key(name), { id: row.id, note: "" });
    if (isVillage) add(loose, villageKey(name), { id: row.id, note: "" });
  }
  for (const row of former) { add(old, key(row.name), row); if (isVillage) add(old, villageKey(row.name), row); }
  return name => {
    if (!name) return null;
    for (const [map, word] of [[full, strict(name)], [exact, key(name)], [old, key(name)], [loose, villageKey(name)], [old, villageKey(name)]]) {
      const found = map.get(word);
      if (found && (found.id || found.note)) return found;
    }
    return null;
  };
}

// Returns {name, header, numbers}: the column of names (-1: none), the heading row if there is one, columns of figures.
export function layout(block, match) {
  const width = Math.max(...block.map(row => row.length));
  const columns = [...Array(width).keys()];
  const filled = column => block.filter(row => row[column]);
  const hits = column => filled(column).filter(row => !isPlainCount(row[column]) && match(row[column])).length;
  const best = columns.reduce((found, column) => (hits(column) > hits(found) ? column : found), 0);
  const name = hits(best) && hits(best) * 2 >= Math.min(filled(best).length, block.length) ? best : -1;
  const numbers = columns.filter(column => column !== name && isFigures(block, column) && !isSerial(block, column));
  const header = !numbers.some(column => isNumber(block[0][column] || "")) && !(name >= 0 && match(block[0][name])) && block.length > 1 ? block[0] : null;
  return { name, header, numbers, width };
}

// 1, 2, 3 may be numbers of rows as well as figures: never taken for names.
const isPlainCount = text => /^\d+$/.test(plain(text));

function isFigures(block, column) {
  const values = block.map(row => row[column] || "").filter(Boolean);
  return values.length > 0 && values.filter(isNumber).length * 2 >= values.length;
}

function isSerial(block, column) {
  const values = block.map(row => plain(row[column] || "")).filter(value => /^\d/.test(value));
  return values.length > 2 && values.every((value, place) => value === String(place + 1)) || values.length > 1 && values.every(value => /^\d+\.\d+$/.test(value)) && rises(values);
}

// 1.1, 1.2 … 2.1: numbers of indicators, not figures.
function rises(values) {
  const parts = values.map(value => value.split(".").map(Number));
  return parts.every(([major, minor], place) => !place || major > parts[place - 1][0] && minor === 1 || major === parts[place - 1][0] && minor === parts[place - 1][1] + 1);
}
