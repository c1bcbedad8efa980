(* What is common to all kinds: fields, states as text, the walk through the states that play reaches. *)

open Checker
open Json
open Fractions

type case = { kind : string; l : int; n : int; k : int; ratio : fraction option; fields : (string * json) list }

let field fields name = match List.assoc_opt name fields with
  | Some value -> value
  | None -> reject "%S is missing [F7]" name

let whole = function Number i -> i | _ -> reject "expected an integer [F6]"
let text = function Text t -> t | _ -> reject "expected a text [F6]"
let items = function List row -> row | _ -> reject "expected a list [F6]"
let entries = function Object pairs -> pairs | _ -> reject "expected an object [F6]"

let common_fields = [ "format"; "version"; "kind"; "layers"; "experts"; "cache"; "ratio" ]

let case document =
  let fields = match document with Object pairs -> pairs | _ -> reject "expected an object [F1]" in
  if field fields "format" <> Text "layered-paging certificate" || field fields "version" <> Number 1 then
    reject "expected a layered-paging certificate, version 1 [F1]";
  let number name = match field fields name with Number i -> i | _ -> reject "%s: expected an integer [F3]" name in
  let kind = text (field fields "kind") in
  let l = number "layers" and n = number "experts" and k = number "cache" in
  if not (0 < l && 0 < k && k < n * l && n * l <= 4096) then reject "expected 0 < k < n*l <= 4096 [F3]";
  let ratio = match text (field fields "ratio") with
    | "inf" when kind = "policy-lower" -> None
    | t -> Some (read t) in
  (match ratio with
   | Some r when r.negative || r.above = N0 -> reject "ratio: expected a positive fraction [F4]"
   | _ -> ());
  { kind; l; n; k; ratio; fields }

let only case names =
  let names = common_fields @ names in
  List.iter (fun name -> ignore (field case.fields name)) names;
  List.iter (fun (name, _) -> if not (List.mem name names) then reject "unknown field %S [F2]" name) case.fields

(* A state: rows of labels, and the levels of slots that OPT never used. *)

let split_on c t = if t = "" then reject "an empty part of a state [F6]" else String.split_on_char c t

let largest_token = 9999
let small most t =
  if not (digits t && String.length t <= 4 && (t.[0] <> '0' || t = "0")) then reject "%S is no number of a state [F6]" t;
  let i = int_of_string t in
  if i > most then reject "%S is too large a number of a state [F6]" t else natural i

let state_of case t =
  let labels, empty = match String.index_opt t '#' with
    | None -> t, []
    | Some i ->
      String.sub t 0 i, List.map (small (case.k + 1)) (split_on ' ' (String.sub t (i + 1) (String.length t - i - 1))) in
  let label word = match String.split_on_char '.' word with
    | [ level; token ] -> small (case.k + 1) level, small largest_token token
    | _ -> reject "%S is no label [F6]" word in
  let rows = List.map (fun row -> List.map label (split_on ' ' row)) (split_on '|' labels) in
  rows, empty

let text_of (rows, empty) =
  let number m = string_of_int (integer m) in
  let label (level, token) = number level ^ "." ^ number token in
  let labels = String.concat "|" (List.map (fun row -> String.concat " " (List.map label row)) rows) in
  if empty = [] then labels else labels ^ "#" ^ String.concat " " (List.map number empty)

(* The entries of [states]: texts that no other text means the same as. *)
let states case = List.map (fun (key, row) ->
  let state = state_of case key in
  if text_of state <> key then reject "%S is not the text of a state [F7]" key;
  key, state, items row) (entries (field case.fields "states"))

(* Refuses entries that play does not reach from the first state on. That those it reaches are there, Coq looks itself; here
   the walk ends at the first one that is not, since an instance may have far more states than its certificate. *)
let walk first successors keys =
  let seen = Hashtbl.create 1000 and waiting = Queue.create () and there = Hashtbl.create 1000 in
  List.iter (fun key -> Hashtbl.replace there key ()) keys;
  let reach state =
    let key = text_of state in
    if not (Hashtbl.mem there key) then reject "state %s is missing [F7]" key;
    if not (Hashtbl.mem seen key) then (Hashtbl.add seen key (); Queue.add state waiting) in
  reach first;
  while not (Queue.is_empty waiting) do
    let state = Queue.pop waiting in
    List.iter reach (successors (text_of state) state)
  done;
  List.iter (fun key -> if not (Hashtbl.mem seen key) then reject "nothing speaks of state %s [F7]" key) keys

let ratio_of case = match case.ratio with Some r -> r | None -> reject "ratio: expected a fraction [F5]"

(* What was given to the checker, in words. *)
let claim case sign whose =
  let ratio = match case.ratio with
    | None -> "inf"
    | Some r -> decimal r.above ^ (if r.below = one then "" else "/" ^ decimal r.below) in
  Printf.sprintf "%s at (l=%d, n=%d, k=%d): ratio %s %s of %s" case.kind case.l case.n case.k sign ratio whose
