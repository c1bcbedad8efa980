(** * Chain: an adversary that draws requests, as a certificate gives it, and the checker

    proofs/soundness.md, `randomized-lower` (Yao): the adversary draws each request from what it sees of the
    play, the levels and the order of the pages requested last, but not the cache. What is checked, and what
    the adversary sees of the real play. Main theorem: [after_view]. *)

From Coq Require Import List Arith NArith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Labels Leave Table Warm Machine.
Import ListNotations.
Open Scope nat_scope.

(** ** Labels: twice the place in the memory (1 the page requested last, 0 forgotten), plus 1 if cached *)

Definition recall (place : nat) (cached : bool) : nat := 2 * place + Nat.b2n cached.

Lemma recall_place place cached : Nat.div2 (recall place cached) = place.
Proof. unfold recall. rewrite Nat.div2_div, Nat.add_comm. apply Nat.add_b2n_double_div2. Qed.

Lemma recall_cached place cached : Nat.odd (recall place cached) = cached.
Proof. unfold recall. rewrite <- Nat.bit0_odd, Nat.add_comm. apply Nat.add_b2n_double_bit0. Qed.

(** What the adversary sees of a label. *)
Definition hide (b : label) : label := (fst b, recall (Nat.div2 (snd b)) false).

(** The page leaves the cache. *)
Definition out (b : label) : label := (fst b, pred (snd b)).

Definition share_of (shares : list (label * N)) (b : label) : N :=
  match find (fun e => same_label (fst e) b) shares with
  | Some e => snd e
  | None => 0
  end.

(** A state of the play, with the cache, and its potential. *)
Record moment := Moment { shown : list (list label); worth : N }.

(** What the adversary sees of a state; of labels of the layer whose turn it is, how likely *each page* with the
    label is, in proportion; and how many draws growth of OPT is away. *)
Record link := Link { seen : list (list label); shares : list (label * N); away : nat }.

Definition state_of (e : moment) : state := (shown e, []).
Definition link_at (c : link) : state := (seen c, []).

Definition share (c : link) (b : label) : N := share_of (shares c) b.

Definition sum (ns : list N) : N := fold_right N.add 0%N ns.

(** The least of numbers that must all be there. *)
Fixpoint least (vs : list (option N)) : option N :=
  match vs with
  | [] => None
  | [v] => v
  | v :: rest => match v, least rest with Some a, Some b => Some (N.min a b) | _, _ => None end
  end.

Fixpoint sum_up (pairs : list (option (N * N))) : option (N * N) :=
  match pairs with
  | [] => Some (0, 0)%N
  | Some (a, b) :: rest => match sum_up rest with Some (x, y) => Some (a + x, b + y)%N | None => None end
  | None :: _ => None
  end.

Lemma least_spec vs m : least vs = Some m -> forall v, In v vs -> exists a, v = Some a /\ (m <= a)%N.
Proof.
  revert m. induction vs as [|v vs IH]; intros m H u Hu; [easy|]. simpl in H. destruct vs as [|v' vs].
  - destruct Hu as [<-|[]]. subst v. exists m. split; [reflexivity | lia].
  - destruct v as [a|]; [|discriminate]. destruct (least (v' :: vs)) as [b|]; [|discriminate].
    injection H as <-. destruct Hu as [<-|Hu]; [exists a; split; [reflexivity | lia]|].
    destruct (IH b eq_refl u Hu) as (c & -> & Hc). exists c. split; [reflexivity | lia].
Qed.

Section Checker.

Variables l n k memory : nat.
Variables p q : N.

(** The place in the memory of another page, which now has [level], after a request of a page in place [a]. *)
Definition remember (a level b : nat) : nat :=
  let b' := if (1 <=? b) && ((a =? 0) || (b <? a)) then S b else b in
  if (b' <=? memory) && (level <=? k) then b' else 0.

(** Labels after a request of position [i], of label [b]; in [R] the pages that leave have left. *)
Definition after (cached : bool) (i : nat) (b : label) (R : list (list label)) : list (list label) :=
  let a := Nat.div2 (snd b) in
  let tokens := set_first i (recall (Nat.min 1 memory) cached)
    (each (fun c => recall (remember a (risen k (fst b) (fst c)) (Nat.div2 (snd c))) (Nat.odd (snd c))) R) in
  serve k i (fst b) tokens R.

(** What can become of the cache when a page of label [b] is requested: nothing, or a page leaves. *)
Definition answers_of (b : label) (R : list (list label)) : list (list (list label)) :=
  if Nat.odd (snd b) then [R] else leave (fun c => Nat.odd (snd c)) out R.

Definition growth (b : label) : nat := if k <? fst b then 1 else 0.
Definition miss (b : label) : nat := if Nat.odd (snd b) then 0 else 1.

(** What ALG pays at least, with the potential afterwards. *)
Definition best (T : table moment) (e : moment) (i : nat) (b : label) : option N :=
  least (map (fun R => match look_up moment state_of T (after true i b R, []) with
                       | Some e' => Some (q * N.of_nat (miss b) + worth e')%N
                       | None => None
                       end) (answers_of b (shown e))).

(** Both sides of L1, times the share of the page at position [i]. *)
Definition sides (T : table moment) (c : link) (e : moment) (i : nat) : option (N * N) :=
  match label_at (shown e) i with
  | None => None
  | Some b =>
      let s := share c (hide b) in
      if (s =? 0)%N then Some (0, 0)%N
      else match best T e i b with
           | Some m => Some (s * (worth e + p * N.of_nat (growth b)), s * m)%N
           | None => None
           end
  end.

Definition check_entry (T : table moment) (CT : table link) (e : moment) : bool :=
  match look_up link link_at CT (map (sort (fun b => b)) (each hide (shown e)), []) with
  | None => false
  | Some c => match sum_up (map (sides T c e) (seq 0 (length (hd [] (shown e))))) with
              | Some (need, have) => (need <=? have)%N
              | None => false
              end
  end.

(** A page that may be drawn, so that OPT grows, or growth is nearer than before. *)
Definition check_link (CT : table link) (c : link) : bool :=
  existsb (fun i =>
    match label_at (seen c) i with
    | None => false
    | Some b => (1 <=? share c b)%N &&
        ((k <? fst b) || match look_up link link_at CT (after false i b (seen c), []) with
                         | Some c' => away c' <? away c
                         | None => false
                         end)
    end) (seq 0 (length (hd [] (seen c)))).

Definition check (chain : list link) (entries : list moment) : bool :=
  let T := tabulate moment state_of entries in
  let CT := tabulate link link_at chain in
  warm_ok l n k && forallb (check_link CT) chain &&
  match look_up moment state_of T (first_place l n k, []) with
  | None => false
  | Some _ => forallb (check_entry T CT) entries
  end.

(** ** Soundness *)

Section Sound.

Variable chain : list link.
Variable entries : list moment.
Hypothesis accepted : check chain entries = true.

Notation w := (warm l n k).
Notation X := (full l n k).
Notation T := (tabulate moment state_of entries).
Notation CT := (tabulate link link_at chain).

Lemma accepted_warm : 1 <= l /\ 1 <= n /\ 1 <= k /\ layered l n w /\
  length w mod l = 0 /\ NoDup X /\ length X = k /\ forall x, In x X -> x < l * n.
Proof.
  apply warm_ok_spec. unfold check in accepted. apply andb_prop in accepted as [H _].
  now apply andb_prop in H as [H _].
Qed.

Lemma accepted_entry e : In e entries -> check_entry T CT e = true.
Proof.
  intros He. unfold check in accepted. apply andb_prop in accepted as [_ H]. cbv zeta in H.
  destruct (look_up _ _ _ _); [|discriminate]. rewrite forallb_forall in H. now apply H.
Qed.

Lemma accepted_link c : In c chain -> check_link CT c = true.
Proof.
  intros Hc. unfold check in accepted. apply andb_prop in accepted as [H _]. apply andb_prop in H as [_ H].
  cbv zeta in H. rewrite forallb_forall in H. now apply H.
Qed.

(** *** The memory of the real play *)

Fixpoint places_from (L : levels) (m : page -> nat) (σ : list page) : page -> nat :=
  match σ with
  | [] => m
  | x :: rest => places_from (request k L x)
      (fun y => if y =? x then Nat.min 1 memory else remember (m x) (request k L x y) (m y)) rest
  end.

Definition places (σ : list page) : page -> nat := places_from (levels_of k w) (fun _ => 0) σ.

Lemma places_from_snoc σ x : forall L m y, places_from L m (σ ++ [x]) y =
  if y =? x then Nat.min 1 memory
  else remember (places_from L m σ x) (request k (fold_left (request k) σ L) x y) (places_from L m σ y).
Proof. induction σ as [|z σ IH]; intros L m y; simpl; [reflexivity | apply IH]. Qed.

Lemma places_snoc σ x y : places (σ ++ [x]) y =
  if y =? x then Nat.min 1 memory else remember (places σ x) (levels_of k (w ++ σ ++ [x]) y) (places σ y).
Proof.
  unfold places. rewrite places_from_snoc. destruct (y =? x); [reflexivity|]. f_equal.
  rewrite app_assoc, levels_snoc. unfold levels_of at 2. now rewrite fold_left_app.
Qed.

Definition lab (σ : list page) (held : page -> bool) (x : page) : label :=
  (levels_of k (w ++ σ) x, recall (places σ x) (held x)).

Notation nothing := (fun _ : page => false).

Lemma hide_lab σ held x : hide (lab σ held x) = lab σ nothing x.
Proof. unfold hide, lab. simpl. now rewrite recall_place. Qed.

(** A request, on labels and on pages. *)
Lemma after_view σ held held' x row rest i cached :
  arranged l n (length (w ++ σ)) (row :: rest) -> nth_error row i = Some x ->
  held' x = cached -> (forall y, y <> x -> held' y = held y) -> forall b, fst b = levels_of k (w ++ σ) x ->
  Nat.div2 (snd b) = places σ x ->
  exists P, arranged l n (length (w ++ σ ++ [x])) P /\
    each (lab (σ ++ [x]) held') P = after cached i b (each (lab σ held) (row :: rest)).
Proof.
  intros HA Hi Hx Hy b Hb1 Hb2.
  destruct (served l n k (proj1 accepted_warm) (lab σ held) (lab (σ ++ [x]) held') (levels_of k (w ++ σ))
    _ row rest i x HA Hi) as [H1 H2].
  - reflexivity.
  - intros y. unfold lab. simpl. now rewrite app_assoc, levels_snoc.
  - exists (settle (lab (σ ++ [x]) held') (row :: rest)).
    rewrite (app_assoc w σ [x]), app_length, Nat.add_1_r.
    split; [exact H1|]. rewrite H2. unfold after. rewrite Hb1, Hb2. f_equal.
    rewrite each_each. rewrite (set_first_each _ (fun y => recall (remember (places σ x)
      (risen k (levels_of k (w ++ σ) x) (fst (lab σ held y))) (Nat.div2 (snd (lab σ held y)))) (Nat.odd (snd (lab σ held y))))
      row rest i x (proj1 (proj2 HA)) Hi).
    + f_equal. unfold lab. simpl. rewrite places_snoc, Nat.eqb_refl. now rewrite Hx.
    + intros y Hne. unfold lab. simpl. rewrite recall_place, recall_cached, places_snoc.
      pose proof Hne as Hne'. apply Nat.eqb_neq in Hne'. rewrite Hne', (Hy y Hne). do 2 f_equal.
      rewrite app_assoc, levels_snoc. unfold request, risen. now rewrite Hne'.
Qed.

End Sound.

End Checker.
