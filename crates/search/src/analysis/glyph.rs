//! Old forms of kanji (旧字体) and their present ones: facts of the 常用漢字表 and of common type.

use std::sync::LazyLock;

/// Pairs of old and present form.
const PAIRS: &str = "亞亜惡悪壓圧圍囲爲為醫医壹壱稻稲飮飲隱隠營営榮栄衞衛驛駅悅悦閱閲圓円緣縁艷艶鹽塩奧奥應応橫横歐欧毆殴黃黄溫温\
穩穏假仮價価畫画會会壞壊懷懐繪絵擴拡殼殻覺覚學学嶽岳樂楽勸勧卷巻寬寛歡歓罐缶觀観關関陷陥顏顔歸帰氣気龜亀僞偽戲戯犧犠舊旧\
據拠擧挙虛虚峽峡挾挟狹狭鄕郷曉暁區区驅駆勳勲薰薫徑径惠恵溪渓經経繼継莖茎螢蛍輕軽鷄鶏藝芸缺欠儉倹劍剣圈圏檢検權権獻献\
硏研縣県險険顯顕驗験嚴厳效効廣広恆恒鑛鉱號号國国黑黒濟済碎砕齋斎劑剤櫻桜册冊雜雑參参慘惨棧桟蠶蚕贊賛殘残絲糸辭辞實実\
舍舎寫写釋釈壽寿收収從従澁渋獸獣縱縦肅粛處処敍叙奬奨將将燒焼證証乘乗剩剰壤壌孃嬢條条淨浄疊畳穰穣讓譲釀醸囑嘱觸触寢寝愼慎\
晉晋眞真盡尽圖図粹粋醉酔隨随髓髄數数樞枢聲声靜静齊斉攝摂竊窃專専戰戦淺浅潛潜纖繊踐践錢銭禪禅雙双壯壮搜捜插挿爭争總総\
聰聡莊荘裝装騷騒臟臓藏蔵屬属續続墮堕體体對対帶帯滯滞臺台瀧滝擇択澤沢單単擔担膽胆團団彈弾斷断癡痴遲遅晝昼蟲虫鑄鋳廳庁聽聴\
敕勅鎭鎮遞逓鐵鉄轉転點点傳伝黨党盜盗燈灯當当鬪闘德徳獨独讀読屆届繩縄貳弐惱悩腦脳廢廃拜拝賣売麥麦發発髮髪拔抜蠻蛮祕秘\
濱浜甁瓶拂払佛仏竝並變変邊辺辨弁辯弁瓣弁舖舗穗穂寶宝豐豊沒没飜翻槪概萬万滿満默黙彌弥藥薬譯訳豫予餘余與与譽誉搖揺樣様\
謠謡來来賴頼亂乱覽覧龍竜兩両獵猟綠緑鄰隣壘塁淚涙勵励禮礼隸隷靈霊齡齢戀恋爐炉勞労樓楼祿禄錄録灣湾";

const FIRST: u32 = 0x4E00;
const LAST: u32 = 0x9FFF;

/// For every kanji of the basic block the form it is looked up by; a table, because every character of the corpus
/// passes here.
static TABLE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut table: Vec<char> = (FIRST..=LAST).map(|code| char::from_u32(code).unwrap_or('〓')).collect();
    let mut pairs = PAIRS.chars();
    while let (Some(old), Some(new)) = (pairs.next(), pairs.next()) {
        if let Some(place) = table.get_mut((old as u32).wrapping_sub(FIRST) as usize) {
            *place = new;
        }
    }
    table
});

/// The present form of a kanji; any other character as it is.
pub(crate) fn present(c: char) -> char {
    TABLE.get((c as u32).wrapping_sub(FIRST) as usize).copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_old_form_then_the_present_one_is_looked_up() {
        assert_eq!("國會圖書館ノ權限".chars().map(present).collect::<String>(), "国会図書館ノ権限");
    }

    #[test]
    fn given_the_pairs_then_none_is_broken_and_no_present_form_is_itself_folded() {
        let pairs: Vec<char> = PAIRS.chars().collect();
        assert_eq!(pairs.len() % 2, 0);
        for pair in pairs.chunks(2) {
            assert_ne!(pair[0], pair[1]);
            assert_eq!(present(pair[1]), pair[1], "{} folds on", pair[1]);
        }
    }
}
