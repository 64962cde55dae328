// Unsent answers on disk, in IndexedDB. With strict durability a finished transaction is on disk, so an answer
// outlives a crash of the browser; localStorage reaches the disk seconds later, when the browser finds the time.

const STORE = "answers";

/** Open the store; rejects where IndexedDB is missing or forbidden. */
export async function openAnswerStore(indexedDB, name = "studyapp") {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return new AnswerStore(await result(opening));
}

class AnswerStore {
  constructor(database) {
    this.database = database;
    database.onversionchange = () => database.close();
  }

  /** All records: [key, value] pairs. */
  async entries() {
    const store = this.database.transaction(STORE).objectStore(STORE);
    const [keys, values] = await Promise.all([result(store.getAllKeys()), result(store.getAll())]);
    return keys.map((key, index) => [key, values[index]]);
  }

  /** Resolves when the value is on disk. Changes take effect in the order in which they were asked for. */
  put(key, value) {
    return this.#change((store) => store.put(value, key));
  }

  remove(key) {
    return this.#change((store) => store.delete(key));
  }

  #change(act) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(STORE, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      act(transaction.objectStore(STORE));
      transaction.commit(); // do not wait for the page's turn: it may be on its way out
    });
  }
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
