(* Kind deterministic-lower, for check_deterministic_lower. *)

open Checker
open Json
open Fractions
open Certificate

let check case =
  only case [ "states" ];
  let l = natural case.l and n = natural case.n and k = natural case.k and ratio = ratio_of case in
  let rows = List.map (fun (key, (rows, empty), row) ->
    if empty <> [] then reject "%s: the cache is full from the start [F7]" key;
    match row with
    | [ value; asked ] -> key, rows, read (text value), whole asked
    | _ -> reject "state %s: expected [potential, position] [F6]" key) (states case) in
  let asked = Hashtbl.create 1000 in
  List.iter (fun (key, _, _, i) ->
    if i < 0 || i >= case.n then reject "position %d is not in the layer [M1]" i;
    Hashtbl.add asked key i) rows;
  (* what follows a state, and whether it is a hit *)
  let next key place =
    let i = match Hashtbl.find_opt asked key with
      | Some i -> natural i
      | None -> reject "state %s is missing [F7]" key in
    match label_at place i with
    | None -> reject "state %s: expected rows of n labels [F6]" key
    | Some (level, token) ->
      let tokens = each snd place in
      let hit = integer token land 1 = 1 in
      let after = if hit then [ tokens ] else List.map (set_first i (natural 1)) (clear tokens) in
      hit, List.map (fun tokens -> serve k i level tokens place) after in
  let first = first_place l n k in
  walk (first, []) (fun key (place, _) -> List.map (fun place -> place, []) (snd (next key place)))
    (List.map (fun (key, _, _, _) -> key) rows);
  let ranks = Hashtbl.create 1000 in
  let rec rank key place =
    match Hashtbl.find_opt ranks key with
    | Some (Some r) -> r
    | Some None -> reject "the adversary may let everybody hit for ever [L2]"
    | None ->
      Hashtbl.add ranks key None;
      let r = match next key place with
        | true, [ after ] -> S (rank (text_of (after, [])) after)
        | _ -> O in
      Hashtbl.replace ranks key (Some r);
      r in
  let scale = common (List.map (fun (_, _, value, _) -> value) rows) in
  let values = shifted (N.mul scale ratio.below) (List.map (fun (_, _, value, _) -> value) rows) in
  let entries = List.map2 (fun (key, place, _, i) value ->
    { place; value; rank = rank key place; asked = natural i }) rows values in
  if not (check_deterministic_lower l n k ratio.above ratio.below scale entries) then
    reject "a potential is too large, or a state is missing [L1]";
  claim case ">=" "every deterministic policy"
