(* Plays by labels: moves as tokens, and the walk of certificates from above. *)

open Checker
open Json
open Fractions
open Certificate

(* The first positions of the labels in the layer whose turn it is. *)
let firsts (rows, _) =
  let row = match rows with row :: _ -> row | [] -> [] in
  List.filter_map (fun (i, b) -> if integer (index b row) = i then Some i else None) (List.mapi (fun i b -> i, b) row)

let flat_tokens (rows, _) = List.map (fun (_, token) -> integer token) (List.concat rows)

(* A flat list as rows of n. *)
let rec rows_of n tokens =
  if tokens = [] then []
  else
    let row = List.filteri (fun i _ -> i < n) tokens and rest = List.filteri (fun i _ -> i >= n) tokens in
    row :: rows_of n rest

(* Which pages are cached after a request of position j, at which [victims] leave. *)
let cached_after case state j victims =
  let odd = Array.of_list (List.map (fun t -> t land 1 = 1) (flat_tokens state)) in
  let held = Array.fold_left (fun sum b -> if b then sum + 1 else sum) 0 odd in
  let miss = not odd.(j) in
  if victims <> [] && not miss then reject "an eviction on a hit [M3]";
  if miss && victims = [] && held >= case.k then reject "the cache is full: expected a victim [M4]";
  List.iter (fun v ->
    if v < 0 || v >= Array.length odd || not odd.(v) then reject "a victim is not in the cache, or named twice [M2]";
    odd.(v) <- false) victims;
  odd.(j) <- true;
  odd

(* Numbers that have to agree with the cache: odd for its pages, even for the others. *)
let tokens_for case cached tokens =
  let tokens = List.map whole tokens in
  if List.map (fun t -> t land 1 = 1) tokens <> Array.to_list cached || List.exists (fun t -> t < 0) tokens then
    reject "tokens: expected an odd number for each cached page, an even one for the others [M5]";
  if List.exists (fun t -> t > largest_token) tokens then reject "tokens: expected at most %d" largest_token;
  rows_of case.n (List.map natural tokens)

let position case key name =
  if not (digits name && String.length name <= 4 && (name.[0] <> '0' || name = "0") && int_of_string name < case.n) then
    reject "moves of %s: nothing speaks of %S [F7]" key name;
  int_of_string name

(* The potentials as natural numbers, and the factor that makes them whole. *)
let valued ratio states potentials =
  let scale = common potentials in
  let values = shifted (N.mul scale ratio.below) potentials in
  scale, List.map2 (fun (_, state, _) potential -> { at_state = state; potential }) states values

(* The states that play reaches against [answer] are those of the certificate; a state has moves for the first positions
   of its labels, which [speaks] is told. *)
let reached case answer first states speaks =
  let k = natural case.k in
  walk first (fun key state ->
    let js = firsts state in
    speaks key state js;
    List.map (fun j -> match step k answer state (natural j) with
      | Some (after, _) -> after
      | None -> reject "state %s: no move for position %d [F7]" key j) js)
    (List.map (fun (key, _, _) -> key) states)
