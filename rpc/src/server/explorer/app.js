// The explorer: asks the node that serves it over JSON-RPC and shows what it answers. It reads only, keeps
// nothing, and puts text into the page as text: what a contract says can never become markup. The page's
// state is the part of the address behind #.
"use strict";

const PAGE = 25;
const REFRESH_MS = 3000;
const MAIN = document.getElementById("main");
const STATUS = document.getElementById("status");
let shown = 0;
let timer;

async function ask(method, params) {
  const response = await fetch("/rpc", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: params || {} }),
  });
  if (!response.ok) throw new Error("the node answers HTTP " + response.status);
  const answer = await response.json();
  if (!answer.error) return answer.result;
  const error = new Error(answer.error.message);
  error.code = answer.error.code;
  error.hint = answer.error.data && answer.error.data.hint;
  throw error;
}

// Elements: make("a", {href: "#/"}, "text", child).
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
  return element;
}

const link = (href, text) => make("a", { href }, text);
const short = (text) => (text.length > 24 ? text.slice(0, 10) + "..." + text.slice(-6) : text);
const place = (kind, value) => link("#/" + kind + "/" + encodeURIComponent(value), short(value));
const block = (height) => link("#/block/" + height, height);
const address = (value) => (value ? place("address", value) : "nobody");
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u2009");
const time = (seconds) => {
  const iso = new Date(Number(seconds) * 1000).toISOString().replace(".000", "");
  return make("time", { datetime: iso }, iso);
};
const outcome = (kind) => make("span", { class: kind === "Succeeded" ? "good" : "bad" }, kind || "pending");
const json = (value) => make("pre", { tabindex: "0" }, JSON.stringify(value, null, 2));

// Units as people read them; amounts are larger than numbers of this language, so they stay text.
function units(amount, decimals, symbol) {
  const digits = String(amount).padStart((decimals || 0) + 1, "0");
  const whole = decimals ? digits.slice(0, -decimals) + "." + digits.slice(-decimals) : digits;
  return symbol ? whole + " " + symbol : whole;
}

// A table: columns are [title, cell of an item, is a number].
function table(caption, items, columns) {
  if (items.length === 0) return make("p", {}, caption + ": none");
  const kind = (numeric) => (numeric ? { class: "number" } : {});
  const head = columns.map(([title, , numeric]) => make("th", { scope: "col", ...kind(numeric) }, title));
  const rows = items.map((item) =>
    make("tr", {}, columns.map(([, cell, numeric]) => make("td", kind(numeric), cell(item)))),
  );
  return make("div", { class: "scroll" },
    make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows)));
}

function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return make("dl", {}, known.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

const BLOCKS = [
  ["height", (item) => block(item.height), true],
  ["time", (item) => time(item.time)],
  ["transactions", (item) => grouped(item.tx_count), true],
  ["gas", (item) => grouped(item.gas_used), true],
  ["hash", (item) => place("block", item.hash)],
];
const TXS = [
  ["block", (item) => (item.block ? block(item.block.height) : "waiting"), true],
  ["transaction", (item) => place("tx", item.hash)],
  ["what", (item) => [item.action, item.entry_point].filter(Boolean).join(" ")],
  ["contract", (item) => (item.contract ? address(item.contract) : "")],
  ["signer", (item) => address(item.signer)],
  ["outcome", (item) => outcome(item.outcome)],
];
const EVENTS = [
  ["block", (item) => block(item.height), true],
  ["transaction", (item) => place("tx", item.tx)],
  ["contract", (item) => address(item.contract)],
  ["event", (item) => item.name || String(item.kind)],
  ["fields", (item) => make("code", {}, item.data ? JSON.stringify(item.data) : item.raw)],
];
const MOVES = [
  ["block", (item) => block(item.height), true],
  ["transaction", (item) => place("tx", item.tx)],
  ["token", (item) => address(item.token)],
  ["from", (item) => address(item.from)],
  ["to", (item) => address(item.to)],
  ["base units", (item) => grouped(item.amount), true],
];

// A listing with a link to its next page; the cursor stands in the address.
async function listing(title, method, params, columns, cursor) {
  const given = cursor ? { ...params, cursor } : params;
  const page = await ask(method, { limit: PAGE, ...given });
  const parts = [table(title, page.items, columns)];
  if (page.next_cursor) {
    const here = location.hash.split("?")[0] || "#/";
    const next = link(here + "?cursor=" + encodeURIComponent(page.next_cursor), "Next page");
    next.setAttribute("rel", "next");
    parts.push(make("p", {}, next));
  }
  return parts;
}

const pages = {
  async ""() {
    const [head, info, blocks, txs] = await Promise.all([
      ask("chain_head"),
      ask("chain_info"),
      ask("chain_blocks", { order: "desc", limit: 8 }),
      ask("tx_list", { order: "desc", limit: 8 }),
    ]);
    return {
      title: "Overview",
      live: true,
      parts: [
        facts([
          ["Chain", info.chain_id],
          ["Latest block", block(head.height)],
          ["Time", time(head.time)],
          ["State root", make("code", {}, head.state_root)],
          ["Genesis", make("code", {}, info.genesis_hash)],
        ]),
        table("Latest blocks", blocks.items, BLOCKS),
        table("Latest transactions", txs.items, TXS),
      ],
    };
  },
  async blocks(_, cursor) {
    return { title: "Blocks", parts: await listing("Blocks, latest first", "chain_blocks", { order: "desc" }, BLOCKS, cursor) };
  },
  async txs(_, cursor) {
    return { title: "Transactions", parts: await listing("Transactions, latest first", "tx_list", { order: "desc" }, TXS, cursor) };
  },
  async events(_, cursor) {
    return { title: "Events", parts: await listing("Events, latest first", "event_list", { order: "desc" }, EVENTS, cursor) };
  },
  async block(what) {
    const asked = what.startsWith("0x") ? { hash: what } : { height: what };
    const found = await ask("chain_block", { ...asked, detail: "txs" });
    const header = found.header;
    const height = BigInt(header.height);
    const txs = await ask("tx_list", { from: header.height, to: header.height, limit: 100 });
    const around = [height > 0n ? link("#/block/" + (height - 1n), "Previous") : null, " ", link("#/block/" + (height + 1n), "Next")];
    return {
      title: "Block " + header.height,
      parts: [
        make("p", {}, around),
        facts([
          ["Hash", make("code", {}, header.hash)],
          ["Time", time(header.time)],
          ["Before it", header.previous ? place("block", header.previous) : null],
          ["Transactions", grouped(header.tx_count)],
          ["Gas", grouped(header.gas_used)],
          ["State root", make("code", {}, header.state_root)],
        ]),
        table("Transactions", txs.items, TXS),
        txs.next_cursor ? make("p", {}, "The first 100 are shown.") : null,
      ],
    };
  },
  async tx(hash) {
    const found = await ask("tx_get", { hash });
    if (found.status === "unknown") throw new Error("the node does not know this transaction");
    const tx = found.transaction || {};
    const receipt = found.receipt;
    const parts = [
      facts([
        ["Status", found.status],
        ["Outcome", receipt ? outcome(receipt.outcome.kind) : null],
        ["Refusal", receipt && receipt.outcome.code !== undefined ? receipt.outcome.code + " " + (receipt.outcome.name || "") : null],
        ["Why", receipt ? receipt.outcome.text || receipt.outcome.reason : null],
        ["Block", found.block ? block(found.block.height) : null],
        ["Signer", tx.signer ? address(tx.signer) : null],
        ["Gas used", receipt ? grouped(receipt.gas_used) : null],
        ["Gas limit", tx.gas_limit ? grouped(tx.gas_limit) : null],
        ["Valid until", tx.valid_until ? time(tx.valid_until) : null],
      ]),
      make("h2", {}, "What was asked for"),
      json(tx.action || {}),
    ];
    if (found.status === "committed") {
      const events = await ask("event_list", { tx: hash });
      parts.push(table("Events", events.items, EVENTS));
      parts.push(make("p", {}, make("code", {}, "weighhouse tx show " + hash + " --trace --changes")));
    }
    return { title: "Transaction " + short(hash), parts };
  },
  async contracts(_, cursor) {
    const columns = [
      ["contract", (item) => item.name + " " + item.version],
      ["address", (item) => address(item.address)],
      ["state", (item) => item.state],
      ["serves", (item) => (item.interfaces || []).join(", ")],
      ["deployed in", (item) => block(item.deployed_at), true],
    ];
    return { title: "Contracts", parts: await listing("Contracts", "contract_list", {}, columns, cursor) };
  },
  async tokens(_, cursor) {
    const columns = [
      ["token", (item) => item.name || item.contract],
      ["address", (item) => address(item.address)],
      ["supply", (item) => units(item.supply, item.decimals, item.symbol), true],
      ["cap", (item) => (item.cap === undefined ? "" : units(item.cap, item.decimals, item.symbol)), true],
      ["holders", (item) => link("#/holders/" + item.address, "holders")],
    ];
    return { title: "Tokens", parts: await listing("Tokens", "index_tokens", {}, columns, cursor) };
  },
  async holders(token, cursor) {
    const columns = [
      ["holder", (item) => address(item.holder)],
      ["base units", (item) => grouped(item.amount), true],
    ];
    const parts = await listing("Holders, by address", "index_holders", { token }, columns, cursor);
    return { title: "Holders of " + short(token), parts: [make("p", {}, address(token)), ...parts] };
  },
  async address(what, cursor) {
    const account = await ask("state_account", { address: what });
    const parts = [
      facts([
        ["Address", make("code", {}, account.address)],
        ["Kind", account.kind],
        ["Quota left", account.quota ? grouped(account.quota.left) + " of " + grouped(account.quota.limit) + " gas" : null],
      ]),
    ];
    if (account.kind === "contract") parts.push(...(await contract(account.address)));
    const own = account.kind === "contract" ? { contract: account.address } : { account: account.address };
    parts.push(...(await listing("Transactions, latest first", "tx_list", { order: "desc", ...own }, TXS, cursor)));
    if (account.kind !== "contract") {
      const moves = await ask("index_transfers", { account: account.address, order: "desc", limit: PAGE });
      parts.push(table("Units that moved, latest first", moves.items, MOVES));
    }
    return { title: (account.kind === "contract" ? "Contract " : "Account ") + short(account.address), parts };
  },
};

async function contract(where) {
  const [info, answer] = await Promise.all([
    ask("contract_info", { address: where }),
    ask("contract_schema", { address: where }),
  ]);
  const schema = answer.schema;
  const args = (entry) => entry.args.map((arg) => arg.name + ": " + arg.type).join(", ");
  return [
    facts([
      ["Contract", info.name + " " + info.version],
      ["State", info.state],
      ["Serves", (info.interfaces || []).join(", ")],
      ["Code", make("code", {}, info.code_hash)],
      ["Deployer", address(info.deployer)],
      ["Deployed in", block(info.deployed_at)],
      ["May be upgraded by", address(info.admin)],
      ["Rules kept by the host", schema.rules.length ? make("code", {}, schema.rules.join("; ")) : null],
    ]),
    schema.docs ? make("p", {}, schema.docs) : null,
    table("Entry points", schema.entry_points, [
      ["kind", (entry) => entry.kind],
      ["name", (entry) => make("code", {}, entry.name + "(" + args(entry) + ")")],
      ["answers", (entry) => make("code", {}, entry.returns)],
      ["what it does", (entry) => entry.docs],
    ]),
    table("Refusals", schema.errors, [
      ["code", (error) => String(error.code), true],
      ["name", (error) => error.name],
      ["meaning", (error) => error.text],
    ]),
  ].filter(Boolean);
}

// What a search means: digits are a height, 0x a block or a transaction, everything else an address.
async function find(text) {
  if (/^\d+$/.test(text)) return "#/block/" + text;
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) {
    const found = await ask("tx_get", { hash: text });
    if (found.status !== "unknown") return "#/tx/" + text;
    const isBlock = await ask("chain_block", { hash: text }).then(() => true, () => false);
    return isBlock ? "#/block/" + text : "#/address/" + text;
  }
  return "#/address/" + encodeURIComponent(text);
}

async function show(again) {
  clearTimeout(timer);
  const focused = document.activeElement;
  if (again && focused !== MAIN && MAIN.contains(focused)) {
    // Whoever is reading a link is not to lose it.
    timer = setTimeout(() => show(true), REFRESH_MS);
    return;
  }
  const turn = ++shown;
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  const cursor = new URLSearchParams(query || "").get("cursor") || undefined;
  let view;
  try {
    const page = Object.hasOwn(pages, name) ? pages[name] : null;
    if (!page) throw new Error("there is no such page");
    view = await page(decodeURIComponent(rest.join("/")), cursor);
    STATUS.textContent = "";
  } catch (error) {
    const code = error.code === undefined ? "" : " (W" + error.code + ")";
    view = { title: "Not found", parts: [make("p", { class: "bad" }, error.message + code), error.hint ? make("p", {}, error.hint) : null] };
    if (again) {
      STATUS.textContent = "The node does not answer; trying again.";
      timer = setTimeout(() => show(true), REFRESH_MS);
      return;
    }
  }
  // Another page was asked for meanwhile.
  if (turn !== shown) return;
  MAIN.replaceChildren(make("h1", {}, view.title), ...view.parts.filter(Boolean));
  document.title = view.title + " - Weighhouse explorer";
  for (const anchor of document.querySelectorAll("nav a")) {
    if (anchor.getAttribute("href") === "#/" + name) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
  }
  if (view.live) timer = setTimeout(() => show(true), REFRESH_MS);
  if (!again) MAIN.focus({ preventScroll: false });
}

document.getElementById("search").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = document.getElementById("what").value.trim();
  if (text === "") return;
  try {
    location.hash = await find(text);
  } catch (error) {
    STATUS.textContent = error.message;
  }
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  MAIN.focus();
});
window.addEventListener("hashchange", () => show(false));
show(true);
