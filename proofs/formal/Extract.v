(** * Extract: the checker as a program

    Written as OCaml by Coq. Truth values, pairs, lists and options become those of OCaml; numbers stay
    what they are in Coq, successors of zero and binary digits, so that no arithmetic of the machine has to
    be trusted. *)

From Coq Require Import NArith Extraction ExtrOcamlBasic.
From LayeredPaging Require Import Labels CheckDeterministicLower.

Extraction "checker.ml" N.mul N.add N.sub N.div N.gcd N.leb
  label_at serve set_first clear each first_place check_deterministic_lower.
