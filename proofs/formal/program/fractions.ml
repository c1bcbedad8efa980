(* Numbers of a certificate: fractions as text, as Coq's binary numbers over one denominator. *)

open Checker
open Json

let rec positive i = if i = 1 then XH else if i land 1 = 1 then XI (positive (i / 2)) else XO (positive (i / 2))
let binary i = if i = 0 then N0 else Npos (positive i)
let rec natural i = if i = 0 then O else S (natural (i - 1))
let rec integer = function O -> 0 | S m -> 1 + integer m

let ten = binary 10
let of_digits digits =
  let value = ref N0 in
  String.iter (fun c -> value := N.add (N.mul !value ten) (binary (Char.code c - 48))) digits;
  !value

let rec decimal value =
  let rec int_of = function XH -> 1 | XO p -> 2 * int_of p | XI p -> 2 * int_of p + 1 in
  let tens = N.div value ten in
  let last = match N.sub value (N.mul tens ten) with N0 -> 0 | Npos p -> int_of p in
  (if tens = N0 then "" else decimal tens) ^ string_of_int last

let one = binary 1
let lcm a b = N.mul (N.div a (N.gcd a b)) b
let rec bits = function XH -> 1 | XO p | XI p -> 1 + bits p

type fraction = { negative : bool; above : n; below : n }

let digits text = text <> "" && String.for_all (fun c -> '0' <= c && c <= '9') text

let read text =
  if String.length text > 1000 then reject "a number is too long [F5]";
  let negative = text <> "" && text.[0] = '-' in
  let plain = if negative then String.sub text 1 (String.length text - 1) else text in
  let above, below = match String.index_opt plain '/' with
    | None -> plain, "1"
    | Some i -> String.sub plain 0 i, String.sub plain (i + 1) (String.length plain - i - 1) in
  let first t = if t = "" then ' ' else t.[0] in
  let good = digits above && digits below && first below <> '0' && (first above <> '0' || above = "0")
             && not (negative && above = "0") && (below <> "1" || not (String.contains plain '/')) in
  if not good then reject "expected the shortest text of a fraction [F5]";
  let a = of_digits above and b = of_digits below in
  if N.gcd a b <> one then reject "expected the shortest text of a fraction [F5]";
  { negative; above = a; below = b }

let common fractions =
  let most = function N0 -> false | Npos p -> bits p > 2048 in
  List.fold_left (fun d f ->
    let d = if f.below = one then d else lcm d f.below in
    if most d then reject "the numbers have too large a common denominator [R3]" else d) one fractions

(* Natural numbers with the differences of the fractions, times [scale], of which all denominators are divisors. *)
let shifted scale fractions =
  let sizes = List.map (fun f -> f.negative, N.mul f.above (N.div scale f.below)) fractions in
  let low = List.fold_left (fun low (negative, size) -> if negative && not (N.leb size low) then size else low) N0 sizes in
  List.map (fun (negative, size) -> if negative then N.sub low size else N.add low size) sizes
