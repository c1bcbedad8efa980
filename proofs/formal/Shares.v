(** * Shares: binary numbers that are added up, as parts of a whole

    Helpers that are about lists and sums only, not about paging. *)

From Coq Require Import List Arith NArith QArith Lqa Lia Bool.
From LayeredPaging Require Import Expect.
Import ListNotations.
Open Scope nat_scope.

(** ** Lists without repetition *)

Definition differ {A} (dec : forall a b : A, {a = b} + {a <> b}) (b : list A) : bool :=
  if list_eq_dec dec (nodup dec b) b then true else false.

Lemma differ_spec {A} dec (b : list A) : differ dec b = true -> NoDup b.
Proof. unfold differ. destruct (list_eq_dec _ _ _) as [E|]; [|discriminate]. rewrite <- E. intros _. apply NoDup_nodup. Qed.

Lemma NoDup_map_on {A B} (f : A -> B) b :
  (forall x y, In x b -> In y b -> f x = f y -> x = y) -> NoDup b -> NoDup (map f b).
Proof.
  intros H HN. induction HN as [|a b Ha HN IH]; simpl; constructor.
  - rewrite in_map_iff. intros (y & E & Hy). apply H in E; [congruence | now right | now left].
  - apply IH. intros x y Hx Hy. apply H; now right.
Qed.

Lemma NoDup_map_same {A B} (f : A -> B) b x y : NoDup (map f b) -> In x b -> In y b -> f x = f y -> x = y.
Proof.
  induction b as [|a b IH]; simpl; [easy|]. intros HN. inversion_clear HN as [|? ? Ha HN'].
  intros [<-|Hx] [<-|Hy] E; [reflexivity | | | now apply IH].
  - destruct Ha. rewrite E. now apply in_map.
  - destruct Ha. rewrite <- E. now apply in_map.
Qed.

(** ** Sums *)

Definition sum_of {A} (f : A -> N) (b : list A) : N := fold_right (fun a s => (f a + s)%N) 0%N b.

Definition share (m : N) : Q := inject_Z (Z.of_N m).

Lemma share_plus a b : (share (a + b) == share a + share b)%Q.
Proof. unfold share. now rewrite N2Z.inj_add, inject_Z_plus. Qed.

Lemma share_mult a b : (share (a * b) == share a * share b)%Q.
Proof. unfold share. now rewrite N2Z.inj_mul, inject_Z_mult. Qed.

Lemma share_le a b : (a <=? b)%N = true -> (share a <= share b)%Q.
Proof. intros H. apply N.leb_le in H. unfold share. rewrite <- Zle_Qle. lia. Qed.

Lemma share_pos a : (0 <= share a)%Q.
Proof. unfold share. rewrite <- (Zle_Qle 0). lia. Qed.

Lemma share_nat a : (share (N.of_nat a) == rational a)%Q.
Proof. unfold share, rational. now rewrite nat_N_Z. Qed.

Lemma sum_of_total {A} (f : A -> N) b : (share (sum_of f b) == total (fun a => share (f a)) b)%Q.
Proof. induction b as [|a b IH]; simpl; [reflexivity|]. now rewrite share_plus, IH. Qed.

Lemma part_pos a b : (0 <= share a / share b)%Q.
Proof. apply Qmult_le_0_compat; [|apply Qinv_le_0_compat]; apply share_pos. Qed.

(** Two lists with the same numbers, side by side. *)
Lemma zipped {A B} (f : A -> N) (g : B -> N) a : forall b, map g b = map f a ->
  map fst (combine a b) = a /\ map snd (combine a b) = b /\ forall z, In z (combine a b) -> g (snd z) = f (fst z).
Proof.
  induction a as [|x a IH]; intros [|y b] E; try discriminate; [repeat split; easy|].
  injection E as E1 E2. destruct (IH b E2) as (H1 & H2 & H3). simpl. rewrite H1, H2. repeat split.
  intros z [<-|Hz]; [exact E1 | now apply H3].
Qed.

Lemma total_nth {A} (d : A) (f : A -> Q) b : (total f b == total (fun j => f (nth j b d)) (seq 0 (length b)))%Q.
Proof.
  rewrite <- (total_map (fun j => nth j b d) f). replace (map (fun j => nth j b d) (seq 0 (length b))) with b; [reflexivity|].
  induction b as [|a b IH]; [reflexivity|]. simpl. now rewrite <- seq_shift, map_map, <- IH.
Qed.

Lemma total_concat {A} (f : A -> Q) R : (total f (concat R) == total (total f) R)%Q.
Proof. induction R as [|b R IH]; simpl; [reflexivity|]. now rewrite total_app, IH. Qed.

(** Shares, sorted by where they go. *)
Lemma gathered (F : nat -> Q) D b : (forall c, In c b -> fst c < D) ->
  (total (fun c => share (snd c) * F (fst c)) b ==
   total (fun j => share (sum_of snd (filter (fun c => Nat.eqb (fst c) j) b)) * F j) (seq 0 D))%Q.
Proof.
  induction b as [|[i m] b IH]; intros H.
  - simpl. symmetry. rewrite (total_ext _ (fun _ => 0)%Q); [apply total_zero|]. intros. unfold share. simpl. ring.
  - cbn [total fold_right fst snd]. fold (total (fun c : nat * N => share (snd c) * F (fst c))%Q b).
    rewrite IH by (intros c Hc; apply H; now right). specialize (H (i, m) (or_introl eq_refl)). simpl in H.
    rewrite (total_ext (fun j => share (sum_of snd (filter (fun c : nat * N => Nat.eqb (fst c) j) ((i, m) :: b))) * F j)
      (fun j => (if Nat.eqb i j then share m * F i else 0) +
                share (sum_of snd (filter (fun c : nat * N => Nat.eqb (fst c) j) b)) * F j))%Q.
    + rewrite total_plus. assert (E : (total (fun j => if Nat.eqb i j then share m * F i else 0) (seq 0 D) == share m * F i)%Q);
        [|rewrite E; reflexivity].
      replace D with (i + S (D - S i)) by lia. rewrite seq_app, total_app. cbn [seq]. simpl total at 2.
      rewrite ?Nat.add_0_l, Nat.eqb_refl.
      assert (Z : forall b, (forall j, In j b -> j <> i) -> (total (fun j => if Nat.eqb i j then share m * F i else 0) b == 0)%Q).
      { intros b' Hb. rewrite (total_ext _ (fun _ => 0)%Q); [apply total_zero|]. intros j Hj.
        apply Hb in Hj. destruct (Nat.eqb_spec i j); [congruence | reflexivity]. }
      rewrite (Z (seq 0 i)), (Z (seq (S i) _)); [ring | |]; intros j Hj; apply in_seq in Hj; lia.
    + intros j _. cbn [filter fst]. destruct (Nat.eqb_spec i j) as [->|]; cbv iota; [|symmetry; apply Qplus_0_l].
      cbn [sum_of fold_right snd]. fold (sum_of (A := nat * N) snd). rewrite share_plus. apply Qmult_plus_distr_l.
Qed.
