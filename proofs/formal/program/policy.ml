(* Kinds policy-upper and policy-lower: LRU and FIFO, which Coq knows, and policies that the certificate brings with it. *)

open Checker
open Json
open Fractions
open Certificate
open Play

type who =
  | Known of bool (* whether a hit makes a page the newest: LRU; or FIFO *)
  | Brought of nat list * moved list * (string, int list) Hashtbl.t (* first tokens, moves, positions that have one *)

let who case kind_fields =
  match text (field case.fields "policy") with
  | "lru" -> only case ("policy" :: kind_fields); Known true
  | "fifo" -> only case ("policy" :: kind_fields); Known false
  | _ ->
    let start = List.assoc_opt "start" case.fields in
    only case ("policy" :: "moves" :: kind_fields @ (if start = None then [] else [ "start" ]));
    let pages = case.l * case.n in
    let first = match start with
      | None -> []
      | Some tokens -> List.concat (tokens_for case (Array.make pages false) (items tokens)) in
    let positions = Hashtbl.create 1000 in
    let table = List.map (fun (key, row) ->
      let state = state_of case key in
      if text_of state <> key then reject "%S is not the text of a state [F7]" key;
      if List.length (List.concat (fst state)) <> pages then reject "%s: expected n*l labels [F7]" key;
      let moves = List.map (fun (name, move) ->
        let j = position case key name in
        match move with
        | List [ List victims; List tokens ] ->
          let cached = cached_after case state j (List.map whole victims) in
          j, tokens_for case cached tokens
        | _ -> reject "state %s: expected [victims, tokens] [F6]" key) (entries row) in
      Hashtbl.replace positions key (List.map fst moves);
      { moves_at = state; moves = List.map (fun (j, tokens) -> natural j, tokens) moves }) (entries (field case.fields "moves")) in
    Brought (first, table, positions)

let answer_of k = function
  | Known renews -> known_answer k renews, []
  | Brought (first, table, _) -> answers table, first

(* Whose the claim is. The transducer's own name proves nothing. *)
let whose case = function
  | Known true -> "lru"
  | Known false -> "fifo"
  | Brought _ ->
    let name = text (field case.fields "policy") in
    let name = if String.length name > 60 then String.sub name 0 60 ^ "..." else name in
    Printf.sprintf "a transducer that calls itself %S (identity not verified)" name

let rec upto k i = if i > k then [] else natural i :: upto k (i + 1)
let first_of case first = first_state (natural case.l) (natural case.n) (natural case.k) [] first (upto case.k 1)

let upper case =
  let who = who case [ "states" ] in
  let l = natural case.l and n = natural case.n and k = natural case.k and ratio = ratio_of case in
  let answer, first = answer_of k who in
  let states = states case in
  let potentials = List.map (fun (key, _, row) -> match row with
    | [ value ] -> read (text value)
    | _ -> reject "state %s: expected [potential] [F6]" key) states in
  let speaks key _ js = match who with
    | Known _ -> ()
    | Brought (_, _, positions) ->
      let row = Option.value (Hashtbl.find_opt positions key) ~default:[] in
      List.iter (fun j -> if not (List.mem j js) then reject "moves of %s: nothing speaks of %d [F7]" key j) row;
      Hashtbl.remove positions key in
  reached case answer (first_of case first) states speaks;
  (match who with
   | Known _ -> ()
   | Brought (_, _, left) -> Hashtbl.iter (fun key _ -> reject "moves: nothing speaks of %s [F7]" key) left);
  let scale, entries = valued ratio states potentials in
  let good = match who with
    | Known renews -> check_known_upper l n k renews ratio.above ratio.below scale entries
    | Brought (first, table, _) -> check_table_upper l n k first table ratio.above ratio.below scale entries in
  if not good then reject "a potential is too small, or a state is missing [U1]";
  claim case "<=" (whose case who)

let lower case =
  let who = who case [ "prefix"; "cycle" ] in
  let l = natural case.l and n = natural case.n and k = natural case.k in
  let answer, first = answer_of k who in
  let part name = List.map (fun i ->
    let i = whole i in
    if i < 0 || i >= case.n then reject "position %d is not in the layer [P1]" i;
    i) (items (field case.fields name)) in
  let prefix = part "prefix" and cycle = part "cycle" in
  let used = Hashtbl.create 1000 in
  ignore (List.fold_left (fun state j ->
    Hashtbl.replace used (text_of state, j) ();
    match step k answer state (natural j) with
    | Some (after, _) -> after
    | None -> reject "position %d is not the first of its label, or has no move [P1]" j)
    (first_of case first) (prefix @ cycle));
  (match who with
   | Known _ -> ()
   | Brought (_, _, positions) -> Hashtbl.iter (fun key row -> List.iter (fun j ->
       if not (Hashtbl.mem used (key, j)) then reject "moves of %s: nothing speaks of %d [F7]" key j) row) positions);
  let prefix = List.map natural prefix and cycle = List.map natural cycle in
  let good = match who, case.ratio with
    | Known renews, Some r -> check_known_lower l n k renews r.above r.below prefix cycle
    | Known renews, None -> check_known_infinite l n k renews prefix cycle
    | Brought (first, table, _), Some r -> check_table_lower l n k first table r.above r.below prefix cycle
    | Brought (first, table, _), None -> check_table_infinite l n k first table prefix cycle in
  if not good then reject "the state does not recur after the cycle, or the cycle does not cost enough [P2, P3]";
  claim case ">=" (whose case who)
