(** * Average: an adversary that draws requests

    proofs/soundness.md, `randomized-lower`: it draws each request from what was requested, and sees nothing
    else. What is averaged is a function of the requests drawn. Main theorem: [average_grows]. *)

From Coq Require Import List Arith QArith Lqa Lia.
From LayeredPaging Require Import Model Sets RandomModel Expect.
Import ListNotations.
Open Scope Q_scope.

Section Average.

(** The next request, from the requests so far. *)
Variable draw : list page -> distribution page.

(** The mean of [f] over the next [N] requests. *)
Fixpoint average (N : nat) (σ : list page) (f : list page -> Q) : Q :=
  match N with
  | O => f []
  | S N => expect (draw σ) (fun x => average N (σ ++ [x]) (fun τ => f (x :: τ)))
  end.

(** Where the adversary is at home: it can draw there, and stays there. *)
Variable home : list page -> Prop.
Hypothesis home_proper : forall σ, home σ -> proper (draw σ).
Hypothesis home_next : forall σ x, home σ -> In x (map fst (draw σ)) -> home (σ ++ [x]).

Lemma average_ext N : forall σ f g, (forall τ, f τ == g τ) -> average N σ f == average N σ g.
Proof.
  induction N as [|N IH]; intros σ f g H; simpl; [apply H|]. apply expect_ext. intros x _. now apply IH.
Qed.

Lemma average_le N : forall σ f g, home σ -> (forall τ, home (σ ++ τ) -> f τ <= g τ) ->
  average N σ f <= average N σ g.
Proof.
  induction N as [|N IH]; intros σ f g Hσ H; simpl; [apply H; now rewrite app_nil_r|].
  apply expect_le; [now apply home_proper|]. intros x Hx. apply IH; [now apply home_next|].
  intros τ Hτ. apply H. now rewrite <- app_assoc in Hτ.
Qed.

Lemma average_scale N : forall σ c f, average N σ (fun τ => c * f τ) == c * average N σ f.
Proof.
  induction N as [|N IH]; intros σ c f; simpl; [reflexivity|]. rewrite <- expect_scale.
  apply expect_ext. intros x _. apply IH.
Qed.

Lemma average_shift N : forall σ c f, home σ -> average N σ (fun τ => c + f τ) == c + average N σ f.
Proof.
  induction N as [|N IH]; intros σ c f Hσ; simpl; [reflexivity|].
  transitivity (expect (draw σ) (fun x => c + average N (σ ++ [x]) (fun τ => f (x :: τ)))).
  - apply expect_ext. intros x Hx. apply IH. now apply home_next.
  - rewrite expect_plus, expect_const by now apply home_proper. reflexivity.
Qed.

(** Averages of averages may be taken in any order. *)
Lemma average_expect {A} (d : distribution A) N : forall σ f,
  average N σ (fun τ => expect d (fun a => f a τ)) == expect d (fun a => average N σ (f a)).
Proof.
  induction N as [|N IH]; intros σ f; simpl; [reflexivity|]. rewrite expect_swap.
  apply expect_ext. intros x _. apply IH.
Qed.

(** ** What is gained again and again grows beyond every bound *)

(** What each request gains, and the states from which a gain is [rank] + 1 draws away. *)
Variable gain : list page -> page -> nat.
Variable rank : list page -> nat.
Variable most : nat.
Variable δ : Q.
Hypothesis δ_pos : 0 < δ.
Hypothesis δ_one : δ <= 1.
Hypothesis rank_most : forall σ, home σ -> (rank σ <= most)%nat.
Hypothesis a_way : forall σ, home σ -> exists x probability, In (x, probability) (draw σ) /\ δ <= probability /\
  ((1 <= gain σ x)%nat \/ (rank (σ ++ [x]) < rank σ)%nat).

Fixpoint gained (σ τ : list page) : nat :=
  match τ with
  | [] => 0
  | x :: rest => gain σ x + gained (σ ++ [x]) rest
  end.

Let mean (N : nat) (σ : list page) : Q := average N σ (fun τ => rational (gained σ τ)).

Lemma mean_step N σ : home σ ->
  mean (S N) σ == expect (draw σ) (fun x => rational (gain σ x) + mean N (σ ++ [x])).
Proof.
  intros Hσ. unfold mean. simpl. apply expect_ext. intros x Hx.
  rewrite <- average_shift by now apply home_next. apply average_ext. intros τ. apply rational_plus.
Qed.

(** What is at least [c] everywhere, and more by [e] at one place of probability [δ] at least. *)
Lemma expect_more (d : distribution page) f c e x probability : proper d -> 0 <= e ->
  (forall y, In y (map fst d) -> c <= f y) -> In (x, probability) d -> δ <= probability -> c + e <= f x ->
  c + δ * e <= expect d f.
Proof.
  intros HP He Hc Hx Hd Hf. rewrite <- (expect_const d c HP) at 1. rewrite !expect_total.
  destruct HP as [HP _]. apply in_split in Hx as (d1 & d2 & E). rewrite E in *. rewrite !total_app. simpl.
  assert (H1 : total (fun a => snd a * c) d1 <= total (fun a => snd a * f (fst a)) d1).
  { apply total_le. intros a Ha. rewrite (Qmult_comm _ c), (Qmult_comm _ (f _)). apply Qmult_le_compat_r.
    - apply Hc. rewrite map_app. apply in_or_app. left. now apply in_map.
    - apply HP. apply in_or_app. now left. }
  assert (H2 : total (fun a => snd a * c) d2 <= total (fun a => snd a * f (fst a)) d2).
  { apply total_le. intros a Ha. rewrite (Qmult_comm _ c), (Qmult_comm _ (f _)). apply Qmult_le_compat_r.
    - apply Hc. rewrite map_app. apply in_or_app. right. right. now apply in_map.
    - apply HP. apply in_or_app. right. now right. }
  assert (H3 : (c + e) * probability <= f x * probability) by (apply Qmult_le_compat_r; lra).
  assert (H4 : δ * e <= probability * e) by now apply Qmult_le_compat_r. lra.
Qed.

Fixpoint power (r : nat) : Q := match r with O => 1 | S r => δ * power r end.

Lemma power_pos r : 0 < power r.
Proof. induction r as [|r IH]; simpl; [lra|]. now apply Qmult_lt_0_compat. Qed.

Lemma power_one r : power r <= 1.
Proof.
  induction r as [|r IH]; simpl; [lra|]. pose proof (power_pos r).
  assert (δ * power r <= 1 * power r) by (apply Qmult_le_compat_r; lra). lra.
Qed.

(** If the mean of [N] requests and more is [c] at least from everywhere, it is larger from some time on. *)
Lemma mean_more N c : (forall σ M, home σ -> (N <= M)%nat -> c <= mean M σ) ->
  forall r σ M, home σ -> (rank σ <= r)%nat -> (S r + N <= M)%nat -> c + power (S r) <= mean M σ.
Proof.
  intros H. induction r as [|r IH]; intros σ M Hσ Hr HM; (destruct M as [|M]; [lia|]);
    rewrite mean_step by assumption; destruct (a_way σ Hσ) as (x & w & Hx & Hw & Hg).
  all: assert (HE : In x (map fst (draw σ))) by (apply in_map_iff; now exists (x, w)).
  all: assert (HC : forall y, In y (map fst (draw σ)) -> c <= rational (gain σ y) + mean M (σ ++ [y]))
    by (intros y Hy; pose proof (rational_pos (gain σ y)); pose proof (H (σ ++ [y]) M (home_next σ y Hσ Hy) ltac:(lia)); lra).
  - destruct Hg as [Hg|Hg]; [|lia]. change (power 1) with (δ * 1).
    apply (expect_more _ _ c 1 x w); auto; [lra|]. apply rational_one in Hg.
    pose proof (H (σ ++ [x]) M (home_next σ x Hσ HE) ltac:(lia)). lra.
  - change (power (S (S r))) with (δ * power (S r)). pose proof (power_pos (S r)) as HP.
    apply (expect_more _ _ c _ x w); auto; [lra|]. destruct Hg as [Hg|Hg].
    + pose proof (power_one (S r)). apply rational_one in Hg.
      pose proof (H (σ ++ [x]) M (home_next σ x Hσ HE) ltac:(lia)). lra.
    + pose proof (IH (σ ++ [x]) M (home_next σ x Hσ HE) ltac:(lia) ltac:(lia)). pose proof (rational_pos (gain σ x)). lra.
Qed.

Theorem average_grows σ b : home σ -> exists N, b <= mean N σ.
Proof.
  intros Hσ. set (ε := power (S most)). assert (Hε : 0 < ε) by apply power_pos.
  assert (H : forall m σ M, home σ -> (m * (S most) <= M)%nat -> rational m * ε <= mean M σ).
  { induction m as [|m IH]; intros τ M Hτ HM.
    - change (rational 0) with 0. assert (0 <= mean M τ); [|lra].
      assert (E : average M τ (fun _ => 0 * 0) == 0 * average M τ (fun _ => 0)) by apply average_scale.
      assert (H0 : average M τ (fun _ => 0 * 0) <= mean M τ).
      { apply average_le; [exact Hτ|]. intros. pose proof (rational_pos (gained τ τ0)). lra. }
      lra.
    - change (S m) with (1 + m)%nat. rewrite rational_plus. change (rational 1) with 1.
      setoid_replace ((1 + rational m) * ε) with (rational m * ε + ε) by ring.
      apply (mean_more (m * S most) _ IH most τ M Hτ (rank_most τ Hτ)). simpl in HM. lia. }
  destruct (Qarchimedean (b / ε)) as [z Hz].
  exists (Pos.to_nat z * S most)%nat. apply Qle_trans with (rational (Pos.to_nat z) * ε); [|now apply H].
  unfold rational. rewrite positive_nat_Z.
  apply Qlt_le_weak in Hz. apply (Qmult_le_compat_r _ _ ε) in Hz; [|lra].
  setoid_replace (b / ε * ε) with b in Hz by (field; lra). exact Hz.
Qed.

End Average.
