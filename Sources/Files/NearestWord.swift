/// Finds what a misspelt word was meant for.
package enum NearestWord {
    /// The word that takes the fewest changes; nil where none is near: more than a third of the letters, and more than one, would change.
    package static func to(_ word: String, among words: some Sequence<String>) -> String? {
        let near = words.map { (word: $0, distance: distance(word, $0)) }
        return near.filter { $0.distance <= max(1, word.count / 3) }.min { $0.distance < $1.distance }?.word
    }

    /// How many letters must be put in, left out or changed to make one word of the other (Levenshtein).
    static func distance(_ a: String, _ b: String) -> Int {
        var former = Array(0 ... b.count)
        for (i, letter) in a.enumerated() {
            var line = [i + 1]
            for (j, other) in b.enumerated() {
                line.append(min(former[j] + (letter == other ? 0 : 1), former[j + 1] + 1, line[j] + 1))
            }
            former = line
        }
        return former[b.count]
    }
}
