(** * Extract: the checker as a program

    Written as OCaml by Coq. Truth values, pairs, lists and options become those of OCaml; numbers stay
    what they are in Coq, successors of zero and binary digits, so that no arithmetic of the machine has to
    be trusted. *)

From Coq Require Import NArith Extraction ExtrOcamlBasic.
From LayeredPaging Require Import Labels Warm Machine CheckMachine CheckDeterministicLower Chain CheckRandomizedLower
  Transports CheckTable CheckKnown.

Extraction "checker.ml" N.mul N.add N.sub N.div N.gcd N.leb
  label_at serve set_first clear each index first_place
  step answers known_answer first_state warm levels_list full_tokens
  after answers_of hide check_randomized_lower check_randomized_upper
  check_deterministic_lower check_deterministic_upper
  check_table_upper check_table_lower check_table_infinite
  check_known_upper check_known_lower check_known_infinite.
