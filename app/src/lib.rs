//! tapedeck's pages and islands, and the words in them. Knows `shared`; never a database, never HTTP serving.
