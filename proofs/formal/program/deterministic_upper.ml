(* Kind deterministic-upper, for check_deterministic_upper: the victims as tokens. *)

open Checker
open Json
open Fractions
open Certificate
open Play

let check case =
  only case [ "states" ];
  let l = natural case.l and n = natural case.n and k = natural case.k and ratio = ratio_of case in
  let states = states case in
  let rows = List.map (fun (key, state, row) -> match row with
    | [ value; victims ] -> key, state, read (text value), entries victims
    | _ -> reject "state %s: expected [potential, victims] [F6]" key) states in
  let table = List.map (fun (key, state, _, victims) ->
    let tokens = Array.of_list (flat_tokens state) in
    if Array.length tokens <> case.l * case.n then reject "state %s: expected n*l labels [F7]" key;
    let moves = List.map (fun j ->
      let miss = tokens.(j) land 1 = 0 in
      let victims = if miss then [ whole (field victims (string_of_int j)) ] else [] in
      let cached = cached_after case state j victims in
      natural j, rows_of case.n (List.map (fun b -> natural (if b then 1 else 0)) (Array.to_list cached))) (firsts state) in
    List.iter (fun (name, _) ->
      let j = position case key name in
      if not (List.mem j (firsts state)) || tokens.(j) land 1 = 1 then reject "victims of %s: nothing speaks of %S [F7]" key name)
      victims;
    { moves_at = state; moves }) rows in
  let first = first_state l n k (warm l n k) (full_tokens l n k) [] in
  reached case (answers table) first states (fun _ _ _ -> ());
  let scale, entries = valued ratio states (List.map (fun (_, _, value, _) -> value) rows) in
  if not (check_deterministic_upper l n k ratio.above ratio.below scale table entries) then
    reject "a potential is too small, or a state is missing [U1]";
  claim case "<=" "some deterministic policy"
