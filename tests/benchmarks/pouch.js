// PouchDB's own replication over LevelDB, timed: node pouch.js FOLDER URL DB PUSH|PULL BATCH [DOCS.json]
"use strict";
const [, , folder, url, name, way, batch, docs] = process.argv;
const fs = require("fs");
const PouchDB = require(require.resolve("pouchdb", { paths: [process.env.POUCH_HOME] }));

// PouchDB asks for all leaves of a document. Here every document has one revision, and a server that
// lists only winners says the same.
const plain = (u, o) => PouchDB.fetch(String(u).replace("style=all_docs", "style=main_only"), o);

async function main() {
  const local = new PouchDB(folder + "/" + name + "-" + way + "-" + batch);
  const remote = new PouchDB(url + "/" + name, { skip_setup: true, fetch: plain });
  if (way === "push") {
    const all = JSON.parse(fs.readFileSync(docs, "utf8"));
    for (let i = 0; i < all.length; i += 1000) await local.bulkDocs(all.slice(i, i + 1000));
  }
  const options = batch === "0" ? {} : { batch_size: Number(batch) };
  const started = process.hrtime.bigint();
  const done = way === "push"
    ? await local.replicate.to(remote, options)
    : await local.replicate.from(remote, options);
  const took = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(JSON.stringify({ seconds: took, written: done.docs_written, failures: done.doc_write_failures }));
  await local.close();
}
main().catch((error) => { console.error(error); process.exit(1); });
