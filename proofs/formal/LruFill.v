(** * LruFill: LRU's cache is filled with given pages

    For LruLower.v: [first_pages] says with which, [fill] how. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Turns LRU LruHits.
Import ListNotations.

Lemma extend d : forall base U : list page, NoDup base -> NoDup U -> incl base U -> length base + d <= length U ->
  exists W, NoDup W /\ length W = length base + d /\ incl base W /\ incl W U.
Proof.
  induction d as [|d IH]; intros base U HB HU HI HL.
  - exists base. split; [exact HB|]. split; [lia|]. split; [apply incl_refl | exact HI].
  - destruct (missing U base HU) as (h & Hh & Hn); [lia|].
    destruct (IH (h :: base) U) as (W & W1 & W2 & W3 & W4); [now constructor | exact HU | | simpl; lia |].
    + intros q [<-|Hq]; auto.
    + exists W. split; [exact W1|]. simpl in W2. split; [lia|]. split; [|exact W4].
      intros q Hq. apply W3. now right.
Qed.

(** Two pages of every layer but the first, one of the first, and others, but for page 1. *)
Lemma first_pages l n k : 1 <= l -> 2 * l - 1 <= k -> k < l * n -> exists W, NoDup W /\ length W = k /\ (forall q, In q W -> q < l * n) /\ ~ In 1 W /\
  (forall j, j < l -> In (j * n) W) /\ (forall j, 1 <= j -> j < l -> In (j * n + 1) W).
Proof.
  intros l_pos k_enough k_lt. assert (experts : 2 <= n) by (destruct n as [|[|]]; lia).
  set (base := map (fun j => j * n) (seq 0 l) ++ map (fun j => j * n + 1) (seq 1 (l - 1))).
  assert (HB : length (nodup Nat.eq_dec base) <= k).
  { apply Nat.le_trans with (length base).
    - apply NoDup_incl_length; [apply NoDup_nodup|]. intros q Hq. now apply nodup_In in Hq.
    - unfold base. rewrite app_length, !map_length, !seq_length. lia. }
  assert (H1 : In 1 (seq 0 (l * n))) by (apply in_seq; nia).
  destruct (extend (k - length (nodup Nat.eq_dec base)) (nodup Nat.eq_dec base) (evict 1 (seq 0 (l * n))))
    as (W & W1 & W2 & W3 & W4).
  - apply NoDup_nodup.
  - apply NoDup_evict, seq_NoDup.
  - intros q Hq. apply nodup_In in Hq. apply In_evict. unfold base in Hq.
    apply in_app_or in Hq as [Hq|Hq]; apply in_map_iff in Hq as (j & <- & Hj); apply in_seq in Hj;
      (split; [apply in_seq; nia | destruct j; nia]).
  - pose proof (length_evict 1 (seq 0 (l * n)) (seq_NoDup _ _) H1) as HE. rewrite seq_length in HE. lia.
  - exists W. split; [exact W1|]. split; [lia|]. split; [|split; [|split]].
    + intros q Hq. apply W4, In_evict in Hq as [Hq _]. apply in_seq in Hq. lia.
    + intros H. apply W4, In_evict in H. tauto.
    + intros j Hj. apply W3, nodup_In, in_or_app. left. apply in_map_iff. exists j. split; [reflexivity | apply in_seq; lia].
    + intros j Hj1 Hj2. apply W3, nodup_In, in_or_app. right. apply in_map_iff. exists j.
      split; [reflexivity | apply in_seq; lia].
Qed.

Section Fill.

Variables l n k : nat.
Hypothesis l_pos : 1 <= l.
Hypothesis slots : 1 <= k.
Hypothesis n_pos : 1 <= n.

Notation lru := (LRU k).

Variable W : list page.
Hypothesis W_NoDup : NoDup W.
Hypothesis W_length : length W = k.
Hypothesis W_pages : forall q, In q W -> q < l * n.
Hypothesis W_layers : forall j, j < l -> In (j * n) W.

Lemma room σ q : incl (lru σ) W -> In q W -> lru (σ ++ [q]) = q :: evict q (lru σ).
Proof.
  intros HI Hq. rewrite LRU_snoc. unfold lru_step. apply firstn_all2. rewrite <- W_length at 2.
  apply NoDup_incl_length.
  - constructor; [rewrite In_evict; tauto | apply NoDup_evict, (lru_NoDup k slots)].
  - intros x [<-|Hx]; [exact Hq|]. apply In_evict in Hx as [Hx _]. auto.
Qed.

Lemma room_In σ q x : incl (lru σ) W -> In q W -> (In x (lru (σ ++ [q])) <-> x = q \/ In x (lru σ)).
Proof.
  intros HI Hq. rewrite room by assumption. simpl. rewrite In_evict.
  destruct (Nat.eq_dec q x) as [->|Hne]; [tauto|]. intuition.
Qed.

Lemma fill_layers m : m <= l -> exists σ, layered l n σ /\ length σ = m /\ incl (lru σ) W /\
  forall j, j < m -> In (j * n) (lru σ).
Proof.
  induction m as [|m IH]; intros Hm.
  - exists []. split; [apply layered_nil|]. split; [reflexivity|]. split; [easy | lia].
  - destruct IH as (σ & H1 & H2 & H3 & H4); [lia|]. assert (Hq : In (m * n) W) by (apply W_layers; lia).
    exists (σ ++ [m * n]). split; [|split; [rewrite app_length; simpl; lia|split]].
    + apply layered_snoc; auto. rewrite layer_first by lia. rewrite H2. now rewrite Nat.mod_small by lia.
    + intros x Hx. apply room_In in Hx as [->|Hx]; auto.
    + intros j Hj. apply room_In; auto. destruct (Nat.eq_dec j m) as [->|Hne]; [now left | right; apply H4; lia].
Qed.

Lemma fill V : incl V W -> exists σ, layered l n σ /\ incl (lru σ) W /\ incl V (lru σ) /\ meets l n (lru σ).
Proof.
  induction V as [|v V IH]; intros HV.
  - destruct (fill_layers l (le_n l)) as (σ & H1 & _ & H3 & H4). exists σ. split; [exact H1|]. split; [exact H3|].
    split; [easy|]. intros j Hj. exists (j * n). split; [now apply H4 | apply layer_first; lia].
  - destruct IH as (σ & H1 & H2 & H3 & H4); [intros q Hq; apply HV; now right|].
    assert (Hv : In v W) by (apply HV; now left).
    destruct (next_turn l (length σ) (layer n v)) as (d & _ & Hd & _); [apply layer_lt; auto|].
    pose proof (policy_schedule l n k lru σ (LRU_legal l n k slots) H1) as HS.
    destruct (gather_wait l n k l_pos slots [] (lru σ) (cost lru σ) d σ (lru σ) []) as (τ & F & R & T1 & T2 & T3 & T4 & _);
      rewrite ?app_nil_r; auto.
    { split; [exact H1|]. split; [exact HS|]. auto. }
    { apply incl_refl. }
    { intros i _. apply H4, Nat.mod_upper_bound. lia. }
    simpl in T3. rewrite app_nil_r in T4.
    assert (Hin : forall q, In q (lru (σ ++ τ)) <-> In q (lru σ)) by (intros q; rewrite T3; apply T4).
    assert (HI : incl (lru (σ ++ τ)) W) by (intros q Hq; apply H2, Hin, Hq).
    exists ((σ ++ τ) ++ [v]). split; [|split; [|split]].
    + apply layered_snoc; [apply T2 | auto |]. now rewrite app_length, T1.
    + intros q Hq. apply room_In in Hq as [->|Hq]; auto.
    + intros q [<-|Hq]; apply room_In; auto. right. apply Hin. auto.
    + intros j Hj. destruct (H4 j Hj) as (q & Hq & El). exists q. split; [|exact El]. apply room_In; auto.
      right. now apply Hin.
Qed.

End Fill.
