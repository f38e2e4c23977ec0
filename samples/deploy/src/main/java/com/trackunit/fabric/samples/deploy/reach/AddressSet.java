// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A set of IPv4 and IPv6 addresses. Immutable. */
final class AddressSet {
  static final Cidr ALL_4 = Cidr.parse("0.0.0.0/0");
  static final Cidr ALL_6 = Cidr.parse("::/0");
  static final AddressSet NONE = new AddressSet(List.of());
  static final AddressSet ALL = of(ALL_4).or(of(ALL_6));

  /** From the first to the last, both included, of one family. */
  record Range(int family, BigInteger first, BigInteger last) {
    boolean overlaps(Range other) {
      return family == other.family
          && first.compareTo(other.last) <= 0
          && other.first.compareTo(last) <= 0;
    }
  }

  /** Sorted, and neither overlapping nor touching. */
  private final List<Range> ranges;

  private AddressSet(List<Range> ranges) {
    this.ranges = ranges;
  }

  static AddressSet of(Cidr cidr) {
    return new AddressSet(List.of(new Range(cidr.family(), cidr.first(), cidr.last())));
  }

  static AddressSet of(Collection<Range> ranges) {
    List<Range> sorted =
        ranges.stream()
            .sorted(
                (one, two) ->
                    one.family() != two.family()
                        ? Integer.compare(one.family(), two.family())
                        : one.first().compareTo(two.first()))
            .toList();
    List<Range> merged = new ArrayList<>();
    for (Range range : sorted) {
      Range before = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (before != null
          && before.family() == range.family()
          && range.first().compareTo(before.last().add(BigInteger.ONE)) <= 0) {
        merged.set(
            merged.size() - 1,
            new Range(range.family(), before.first(), before.last().max(range.last())));
      } else {
        merged.add(range);
      }
    }
    return new AddressSet(List.copyOf(merged));
  }

  AddressSet or(AddressSet other) {
    return of(Stream.concat(ranges.stream(), other.ranges.stream()).toList());
  }

  AddressSet without(AddressSet other) {
    List<Range> left = ranges;
    for (Range gone : other.ranges) {
      left = left.stream().flatMap(range -> cut(range, gone)).toList();
    }
    return new AddressSet(List.copyOf(left));
  }

  boolean overlaps(AddressSet other) {
    return ranges.stream().anyMatch(one -> other.ranges.stream().anyMatch(one::overlaps));
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  List<Range> ranges() {
    return ranges;
  }

  /** As few words as it can be said in: blocks, or all addresses except some blocks. */
  @Override
  public String toString() {
    return Stream.of(ALL_4, ALL_6)
        .map(this::describe)
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining(", "));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AddressSet set && ranges.equals(set.ranges);
  }

  @Override
  public int hashCode() {
    return ranges.hashCode();
  }

  private String describe(Cidr all) {
    List<Cidr> blocks = blocks(all.family());
    List<Cidr> missing = of(all).without(this).blocks(all.family());
    if (missing.isEmpty() || blocks.isEmpty()) {
      return missing.isEmpty() ? all.toString() : "";
    }
    return missing.size() < blocks.size() ? all + " except " + join(missing) : join(blocks);
  }

  private List<Cidr> blocks(int family) {
    List<Cidr> blocks = new ArrayList<>();
    for (Range range : ranges) {
      BigInteger next = range.first();
      while (range.family() == family && next.compareTo(range.last()) <= 0) {
        int width = Cidr.width(family);
        int free = Math.min(next.signum() == 0 ? width : next.getLowestSetBit(), width);
        while (next.add(BigInteger.ONE.shiftLeft(free))
                .subtract(BigInteger.ONE)
                .compareTo(range.last())
            > 0) {
          free--;
        }
        blocks.add(new Cidr(family, next, width - free));
        next = next.add(BigInteger.ONE.shiftLeft(free));
      }
    }
    return blocks;
  }

  private static Stream<Range> cut(Range range, Range gone) {
    if (!range.overlaps(gone)) {
      return Stream.of(range);
    }
    List<Range> left = new ArrayList<>();
    if (range.first().compareTo(gone.first()) < 0) {
      left.add(new Range(range.family(), range.first(), gone.first().subtract(BigInteger.ONE)));
    }
    if (range.last().compareTo(gone.last()) > 0) {
      left.add(new Range(range.family(), gone.last().add(BigInteger.ONE), range.last()));
    }
    return left.stream();
  }

  private static String join(List<Cidr> blocks) {
    return blocks.stream().map(Cidr::toString).collect(Collectors.joining(" "));
  }
}
