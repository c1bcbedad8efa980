(** * Tokens: where OPT grew, seen in the levels

    Note: proofs/notes/keep-upper.md, claims 1 to 3, and proofs/notes/guided-keep-upper.md, claim 10. Each
    growth makes a token at position 2; afterwards tokens move as the levels of pages that are not
    requested do. The number of tokens at positions up to j is the number of pages of level up to j in
    excess of j ([balance]). The empty slots of the note are [blank]s here: they begin at the levels 1, ..., k
    and are never requested.

    Main theorems: [balance]; [unrequested_above], [requested_below], a token against the level of a page. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Labels Low Timeline.
Import ListNotations.

Section Tokens.

Variables l n k : nat.
Hypothesis slots : 1 <= k.

Variable P : nat -> page.
Hypothesis P_endless : endless l n P.

(** The levels before request [z], the level of the page requested, and whether OPT grows. *)
Definition L (z : nat) : levels := levels_of k (pre P z).

Definition at_level (z : nat) : nat := L z (P z).

Definition G (z : nat) : bool := k <? at_level z.

Notation risen := (risen k).

Lemma L_same z : L (S z) (P z) = 1.
Proof. unfold L. now rewrite pre_S, levels_snoc, request_same. Qed.

Lemma L_other z q : q <> P z -> L (S z) q = risen (at_level z) (L z q).
Proof.
  intros Hq. unfold L. rewrite pre_S, levels_snoc. unfold request, Labels.risen.
  apply Nat.eqb_neq in Hq. now rewrite Hq.
Qed.

Lemma L_pos z q : 1 <= L z q.
Proof. apply levels_pos. Qed.

Lemma L_le z q : L z q <= S k.
Proof. now apply levels_le. Qed.

Lemma G_true z : G z = true <-> k < at_level z.
Proof. unfold G. apply Nat.ltb_lt. Qed.

Lemma G_false z : G z = false <-> at_level z <= k.
Proof. unfold G. apply Nat.ltb_ge. Qed.

(** ** How levels move *)

Lemma risen_mono a b c : b <= c -> risen a b <= risen a c.
Proof.
  intros H. unfold Labels.risen. destruct (a <=? k).
  - destruct (b <=? a) eqn:E1, (c <=? a) eqn:E2;
      rewrite ?Nat.leb_le, ?Nat.leb_gt in *; lia.
  - destruct (b =? 1) eqn:E1, (c =? 1) eqn:E2;
      rewrite ?Nat.eqb_eq, ?Nat.eqb_neq in *; lia.
Qed.

Lemma risen_up a b : b <= risen a b.
Proof. unfold Labels.risen. destruct (a <=? k), (b <=? a), (b =? 1) eqn:E; rewrite ?Nat.eqb_eq in *; lia. Qed.

Lemma risen_low a b j : a <= k -> j < a -> (risen a b <= S j <-> b <= j).
Proof.
  intros H1 H2. unfold Labels.risen. apply Nat.leb_le in H1. rewrite H1.
  destruct (b <=? a) eqn:E; [apply Nat.leb_le in E | apply Nat.leb_gt in E]; lia.
Qed.

Lemma risen_high a b j : a <= k -> a < j -> (risen a b <= j <-> b <= j).
Proof.
  intros H1 H2. unfold Labels.risen. apply Nat.leb_le in H1. rewrite H1.
  destruct (b <=? a) eqn:E; [apply Nat.leb_le in E | apply Nat.leb_gt in E]; lia.
Qed.

Lemma risen_growth a b j : k < a -> 2 <= j -> (risen a b <= j <-> b <= j).
Proof.
  intros H1 H2. unfold Labels.risen. apply Nat.leb_gt in H1. rewrite H1.
  destruct (b =? 1) eqn:E; [apply Nat.eqb_eq in E | apply Nat.eqb_neq in E]; lia.
Qed.

Lemma risen_moved a b : a <= k -> b <= a -> risen a b = S b.
Proof. intros H1 H2. unfold Labels.risen. apply Nat.leb_le in H1, H2. now rewrite H1, H2. Qed.

Lemma risen_k a b : b <= S k -> risen a b <= S k.
Proof.
  intros H. unfold Labels.risen. destruct (a <=? k) eqn:E1.
  - apply Nat.leb_le in E1. destruct (b <=? a) eqn:E2; [apply Nat.leb_le in E2|]; lia.
  - destruct (b =? 1); lia.
Qed.

(** ** Tokens and blanks *)

Fixpoint moved (b d : nat) : nat :=
  match d with
  | 0 => 2
  | S d => risen (at_level (S b + d)) (moved b d)
  end.

(** The position before request [z] of the token of request [b], b < z. *)
Definition pos (b z : nat) : nat := moved b (z - S b).

Fixpoint blank (i z : nat) : nat :=
  match z with
  | 0 => S i
  | S z => risen (at_level z) (blank i z)
  end.

Lemma pos_birth b : pos b (S b) = 2.
Proof. unfold pos. now rewrite Nat.sub_diag. Qed.

Lemma pos_S b z : b < z -> pos b (S z) = risen (at_level z) (pos b z).
Proof.
  intros H. unfold pos. replace (S z - S b) with (S (z - S b)) by lia. cbn [moved].
  now replace (S b + (z - S b)) with z by lia.
Qed.

Lemma pos_ge b z : b < z -> 2 <= pos b z.
Proof.
  induction 1 as [|y Hy IH]; [rewrite pos_birth; lia|]. rewrite pos_S by assumption.
  pose proof (risen_up (at_level y) (pos b y)). lia.
Qed.

Lemma pos_le b z : b < z -> pos b z <= S k.
Proof.
  induction 1 as [|y Hy IH]; [rewrite pos_birth; lia|]. rewrite pos_S by assumption.
  now apply risen_k.
Qed.

Lemma pos_mono b y z : b < y -> y <= z -> pos b y <= pos b z.
Proof.
  intros H. induction 1 as [|z Hz IH]; [lia|]. rewrite pos_S by lia.
  pose proof (risen_up (at_level z) (pos b z)). lia.
Qed.

(** Older tokens never stand lower. *)
Lemma pos_order a b z : a <= b -> b < z -> pos b z <= pos a z.
Proof.
  intros Hab. induction 1 as [|z Hz IH].
  - rewrite pos_birth. apply pos_ge. lia.
  - rewrite !pos_S by lia. now apply risen_mono.
Qed.

(** A page that was not requested since the token was born is not below it. *)
Lemma unrequested_above b z q : G b = true -> b < z -> (forall t, b <= t -> t < z -> P t <> q) ->
  pos b z <= L z q.
Proof.
  intros HG. induction 1 as [|z Hz IH]; intros H.
  - rewrite pos_birth. specialize (H b). pose proof (L_pos b q). rewrite L_other.
    + apply G_true, Nat.leb_gt in HG. unfold Labels.risen. rewrite HG.
      destruct (_ =? 1) eqn:E; [lia|]. apply Nat.eqb_neq in E. lia.
    + intros ->. apply H; auto.
  - rewrite pos_S by assumption. rewrite L_other.
    + apply risen_mono, IH. intros. apply H; lia.
    + intros ->. apply (H z); auto. lia.
Qed.

(** A page that was requested then or later is not above it. *)
Lemma requested_below b t z : b <= t -> t < z -> L z (P t) <= pos b z.
Proof.
  intros H1 H2. induction H2 as [|z Hz IH].
  - rewrite L_same. pose proof (pos_ge b (S t) ltac:(lia)). lia.
  - rewrite pos_S by lia. destruct (Nat.eq_dec (P t) (P z)) as [E|E].
    + rewrite E, L_same. pose proof (risen_up (at_level z) (pos b z)).
      pose proof (pos_ge b z ltac:(lia)). lia.
    + rewrite L_other by assumption. now apply risen_mono.
Qed.

(** Of two pages the one that was not requested since the other one was is not below it. *)
Lemma recency t z q : t < z -> (forall s, t <= s -> s < z -> P s <> q) -> L z (P t) <= L z q.
Proof.
  induction 1 as [|z Hz IH]; intros H.
  - rewrite L_same. apply L_pos.
  - rewrite (L_other z q) by (intros ->; apply (H z); auto; lia).
    destruct (Nat.eq_dec (P t) (P z)) as [E|E].
    + rewrite E, L_same. pose proof (risen_up (at_level z) (L z q)). pose proof (L_pos z q). lia.
    + rewrite L_other by assumption. apply risen_mono, IH. intros. apply H; lia.
Qed.

Lemma blank_ge i z : 1 <= blank i z.
Proof. induction z as [|z IH]; simpl; [lia|]. pose proof (risen_up (at_level z) (blank i z)). lia. Qed.

Lemma blank_above b i z : G b = true -> b < z -> pos b z <= blank i z.
Proof.
  intros HG. induction 1 as [|z Hz IH].
  - rewrite pos_birth. cbn [blank]. apply G_true, Nat.leb_gt in HG. unfold Labels.risen. rewrite HG.
    pose proof (blank_ge i b).
    destruct (_ =? 1) eqn:E; [lia|]. apply Nat.eqb_neq in E. lia.
  - rewrite pos_S by assumption. now apply risen_mono.
Qed.

(** ** The balance of pages and tokens *)

(** All pages. *)
Definition pages : list page := seq 0 (l * n).

(** The pages of level at most [j], the blanks, and the tokens at positions up to [j]. *)
Definition lows (z j : nat) : nat := low (L z) j pages.
Definition blanks (z j : nat) : nat := upto (fun i => blank i z <=? j) k.
Definition tokens (z j : nat) : nat := upto (fun b => G b && (pos b z <=? j)) z.

Lemma leb_iff a b c d : (a <= b <-> c <= d) -> (a <=? b) = (c <=? d).
Proof.
  intros H. destruct (c <=? d) eqn:E; [apply Nat.leb_le, H, Nat.leb_le, E | apply Nat.leb_gt].
  apply Nat.leb_gt in E. lia.
Qed.

Lemma lows_split z j : lows z j = low (L z) j (evict (P z) pages) + (if at_level z <=? j then 1 else 0).
Proof.
  unfold lows, at_level. symmetry. apply low_evict; [apply seq_NoDup | apply in_seq].
  destruct (P_endless z). lia.
Qed.

Lemma lows_split_after z j : 1 <= j -> lows (S z) j = low (L (S z)) j (evict (P z) pages) + 1.
Proof.
  intros H. unfold lows. rewrite <- (low_evict (L (S z)) j (P z)).
  - rewrite L_same. apply Nat.leb_le in H. now rewrite H.
  - apply seq_NoDup.
  - apply in_seq. destruct (P_endless z). lia.
Qed.

Lemma others_move z i j : (forall b, risen (at_level z) b <= i <-> b <= j) ->
  low (L (S z)) i (evict (P z) pages) = low (L z) j (evict (P z) pages) /\
  blanks (S z) i = blanks z j /\
  tokens (S z) i = tokens z j + (if G z && (2 <=? i) then 1 else 0).
Proof.
  intros H. split; [|split].
  - unfold low, count. f_equal. apply filter_ext_in. intros q Hq. apply In_evict in Hq as [_ Hq].
    apply leb_iff. rewrite L_other by assumption. apply H.
  - apply upto_ext. intros b _. apply leb_iff, H.
  - unfold tokens. cbn [upto]. rewrite pos_birth. f_equal. apply upto_ext. intros b Hb.
    f_equal. apply leb_iff. rewrite pos_S by assumption. apply H.
Qed.

Lemma balance_low z : lows z 0 = 0 /\ blanks z 0 = 0 /\ tokens z 0 = 0 /\ tokens z 1 = 0.
Proof.
  split; [|split; [|split]].
  - apply count_false. intros q _. apply Nat.leb_gt. apply L_pos.
  - apply upto_zero. intros i _. apply Nat.leb_gt. apply blank_ge.
  - apply upto_zero. intros b Hb.
    pose proof (pos_ge b z Hb). apply andb_false_intro2, Nat.leb_gt. lia.
  - apply upto_zero. intros b Hb.
    pose proof (pos_ge b z Hb). apply andb_false_intro2, Nat.leb_gt. lia.
Qed.

(** |L_1 ∪ ... ∪ L_j| = j + the tokens at positions up to j. *)
Theorem balance z j : j <= k -> lows z j + blanks z j = j + tokens z j.
Proof.
  revert j. induction z as [|z IH]; intros j Hj.
  - unfold lows, blanks, tokens. cbn [upto]. rewrite Nat.add_0_r.
    replace (low (L 0) j pages) with 0.
    2: { symmetry. apply count_false. intros q _. apply Nat.leb_gt. change (L 0 q) with (S k). lia. }
    simpl. assert (H : forall m, upto (fun i => S i <=? j) m = Nat.min j m).
    { induction m as [|m IHm]; cbn [upto]; [lia|]. rewrite IHm. destruct (S m <=? j) eqn:E.
      - apply Nat.leb_le in E. lia.
      - apply Nat.leb_gt in E. lia. }
    etransitivity; [apply H|]. lia.
  - destruct j as [|j]; [destruct (balance_low (S z)) as (-> & -> & -> & _); lia|].
    destruct (G z) eqn:E.
    + pose proof E as E'. apply G_true in E. destruct j as [|j].
      * assert (H1 : forall q, q <> P z -> 1 < L (S z) q).
        { intros q Hq. rewrite L_other by assumption. pose proof (L_pos z q). unfold Labels.risen.
          apply Nat.leb_gt in E. rewrite E. destruct (_ =? 1) eqn:F; [lia|]. apply Nat.eqb_neq in F. lia. }
        rewrite lows_split_after by lia. destruct (balance_low (S z)) as (_ & _ & _ & ->).
        replace (low _ _ _) with 0.
        2: { symmetry. apply count_false. intros q Hq. apply In_evict in Hq as [_ Hq].
             apply Nat.leb_gt. now apply H1. }
        replace (blanks (S z) 1) with 0; [lia|]. symmetry. apply upto_zero.
        intros i _. apply Nat.leb_gt. pose proof (blank_above z i (S z) E' ltac:(lia)) as HB.
        rewrite pos_birth in HB. lia.
      * destruct (others_move z (S (S j)) (S (S j))) as (H1 & H2 & H3).
        { intros b. apply risen_growth; [exact E | lia]. }
        rewrite lows_split_after, H1, H2, H3, E' by lia. specialize (IH _ Hj).
        rewrite lows_split in IH. destruct (at_level z <=? S (S j)) eqn:F.
        -- apply Nat.leb_le in F. lia.
        -- simpl. lia.
    + pose proof E as E'. apply G_false in E. rewrite lows_split_after by lia.
      destruct (Nat.le_gt_cases (S j) (at_level z)) as [Hle|Hgt].
      * destruct (others_move z (S j) j) as (H1 & H2 & H3).
        { intros b. now apply risen_low. }
        rewrite H1, H2, H3, E'. specialize (IH j ltac:(lia)). rewrite lows_split in IH.
        destruct (at_level z <=? j) eqn:F; [apply Nat.leb_le in F; lia|]. simpl. lia.
      * destruct (others_move z (S j) (S j)) as (H1 & H2 & H3).
        { intros b. now apply risen_high. }
        rewrite H1, H2, H3, E'. specialize (IH _ Hj). rewrite lows_split in IH.
        destruct (at_level z <=? S j) eqn:F; [|apply Nat.leb_gt in F; lia]. simpl. lia.
Qed.

End Tokens.
